import { join } from "node:path";
import Papa from "papaparse";
import { writeFileWhole } from "../../io/write-file.ts";
import type { World } from "./world.ts";

/** Writes the catalogue as the files that a user of the other commands would have: users, items, and who chose what. */
export async function writeWorld(folder: string, { catalogue, train, test }: World): Promise<void> {
  const items = catalogue.items.map((item) => ({ ...item, genres: item.genres.join("|") }));
  const files = { "users.csv": catalogue.users, "items.csv": items, "train.csv": train, "test.csv": test };
  for (const [name, rows] of Object.entries(files))
    await writeFileWhole(join(folder, name), `${Papa.unparse(rows as object[], { newline: "\n" })}\n`);
}
