import type { Command } from "commander";
import { TwoTowerError } from "../../errors.ts";
import type { Items } from "../items.ts";
import { ModelFolder } from "../model-folder.ts";
import { type NarrowingFlags, narrowing, withNarrowing } from "../recall-options.ts";
import { rankedItems, rankedTable } from "../recommendations.ts";
import { type OutputFlags, printable, Terminal } from "../terminal.ts";

interface SimilarFlags extends NarrowingFlags, OutputFlags {
  readonly itemId: string;
}

/** The items nearest to an item. */
export function addSimilar(program: Command): Command {
  const command = program
    .command("similar <dir>")
    .description("the items nearest to an item")
    .requiredOption("--item-id <id>", "an item of the index");
  return withNarrowing(command).action(similar);
}

async function similar(dir: string, flags: SimilarFlags): Promise<void> {
  const terminal = new Terminal(flags);
  const folder = await ModelFolder.open(dir);
  const items = await folder.items();
  const recaller = await folder.recaller();
  const options = await narrowing(flags, folder, items);
  if (!recaller.index.has(flags.itemId)) throw unknownItem(dir, flags.itemId, items);
  const ranked = rankedItems(recaller.similar(flags.itemId, flags.k, options), items);
  const name = items.get(flags.itemId)?.name ?? null;
  terminal.result({ command: "similar", item: { id: flags.itemId, name }, k: flags.k, items: ranked }, () =>
    [printable(name ?? flags.itemId), rankedTable(terminal, ranked)].join("\n"),
  );
}

/** Somebody may have given a name: then its id helps. */
function unknownItem(dir: string, given: string, items: Items): TwoTowerError {
  const named = [...items]
    .filter(([, { name }]) => name?.toLowerCase().includes(given.toLowerCase()))
    .slice(0, 3)
    .map(([id, { name }]) => `${id} (${name})`);
  const mend =
    named.length > 0 ? `did you mean ${named.join(", or ")}?` : `add it with "twotower index ${dir} --add FILE"`;
  return new TwoTowerError("UNKNOWN_ID", `item "${given}" is not in the index of ${dir}; ${mend}`);
}
