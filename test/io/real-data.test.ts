import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encodeDataset } from "../../src/features/encode-dataset.ts";
import { fitSchema } from "../../src/features/fit-schema.ts";
import { parseDataSchema } from "../../src/io/data-schema.ts";
import { type DatasetFiles, type LoadedDataset, loadDataset } from "../../src/io/load-dataset.ts";
import { printDataSchema } from "../../src/io/print-schema.ts";
import { absent, dataFolder } from "./files.ts";

/** Loads, prints and parses the schema, fits and encodes. */
async function run(files: DatasetFiles) {
  const at = (file: string | undefined) => file && join(dataFolder!, file);
  const loaded: LoadedDataset = await loadDataset({
    interactions: at(files.interactions)!,
    users: at(files.users),
    items: at(files.items),
  });
  const { data, dataSchema, names } = loaded;
  expect(parseDataSchema(printDataSchema(dataSchema), "schema.json")).toEqual(dataSchema);
  const encoded = encodeDataset(fitSchema(dataSchema.schema, data), data);
  const kinds = (side: "user" | "item") =>
    Object.entries(dataSchema.schema[side]).map(([name, { kind }]) => `${name}: ${kind}`);
  return {
    columns: dataSchema.interactions,
    sizes: [encoded.users.table.count, encoded.items.table.count, encoded.interactions.users.length],
    unlisted: encoded.unlisted,
    features: [...kinds("user"), ...kinds("item")],
    names,
  };
}

describe.skipIf(!dataFolder)(`real files are understood ${dataFolder ? "" : absent}`, () => {
  test("MovieLens, small: CSV with quoted titles", async () => {
    const { columns, sizes, features, names } = await run({
      interactions: "ml-latest-small/ratings.csv.gz",
      items: "ml-latest-small/movies.csv.gz",
    });
    expect(columns).toEqual({ user: "userId", item: "movieId", timestamp: "timestamp", rating: "rating" });
    expect(sizes).toEqual([671, 9125, 100_004]);
    expect(features).toEqual(["userId: id", "history: list", "movieId: id", "year: number", "genres: tags"]);
    expect(names.item.get("164979")).toBe("Women of '69, Unboxed");
    expect(names.item.get("11")).toBe("American President, The (1995)");
  });

  test("MovieLens 1M: two colons, no header, ISO-8859-1, users with their items", async () => {
    const { sizes, unlisted, features, names } = await run({
      interactions: "ml-1m/loo.train.txt.gz",
      users: "ml-1m/users.dat",
      items: "ml-1m/movies.dat",
    });
    expect(sizes).toEqual([6040, 3883, 987_531]);
    expect(unlisted).toEqual({ users: 0, items: 0 });
    expect(features).toEqual([
      ...["user: id", "gender: category", "age: category", "occupation: category"],
      ...["item: id", "year: number", "genres: tags"],
    ]);
    expect(names.item.get("73")).toBe("Misérables, Les (1995)");
    expect(names.item.get("3679")).toContain("Decline of Western Civilization");
  });

  test("the m1 split: a map with two columns of item numbers", async () => {
    const { sizes, features, names } = await run({
      interactions: "ml-1m-m1/train.txt.gz",
      items: "ml-1m-m1/item_map.tsv",
    });
    expect(sizes).toEqual([6022, 3043, 796_244]);
    expect(features).toEqual(["user: id", "history: list", "item: id", "year: number", "genres: tags"]);
    expect(names.item.get("1")).toBe("GoldenEye (1995)");
  });

  test("MovieLens 100K: typed headers, genres separated by spaces", async () => {
    const { columns, sizes, features, names } = await run({
      interactions: "ml-100k/u.data.gz",
      users: "ml-100k/ml-100k.user",
      items: "ml-100k/ml-100k.item",
    });
    expect(columns).toEqual({ user: "user", item: "item", timestamp: "timestamp", rating: "rating" });
    expect(sizes).toEqual([943, 1682, 100_000]);
    expect(features).toEqual([
      ...["user: id", "age: number", "gender: category", "occupation: category"],
      ...["item: id", "release_year: category", "class: tags"],
    ]);
    expect(names.item.get("1")).toBe("Toy Story");
  });
});
