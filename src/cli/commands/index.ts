import { type Command, Option } from "commander";
import { HnswIndex } from "../../ann/hnsw.ts";
import { hnsw, MANY_ITEMS } from "../../ann/hnsw-factory.ts";
import { exact } from "../../ann/index-factory.ts";
import type { Schema } from "../../features/declare.ts";
import type { Recaller } from "../../recall/recaller.ts";
import { seed, wholeNumber } from "../arguments.ts";
import { UsageError } from "../failure.ts";
import { counted, seconds } from "../figures.ts";
import { type Items, readItems } from "../items.ts";
import { ModelFolder } from "../model-folder.ts";
import { stage } from "../stage.ts";
import { type OutputFlags, Terminal } from "../terminal.ts";

interface IndexFlags extends OutputFlags {
  readonly items?: string;
  readonly add?: string;
  readonly kind: "auto" | "exact" | "hnsw";
  readonly m?: number;
  readonly efConstruction?: number;
  readonly seed?: number;
}

/** Item vectors, ready to be searched, saved beside the model. */
export function addIndex(program: Command): Command {
  return program
    .command("index <dir>")
    .description("compute the vectors of all items and build the index that recall and similar search")
    .option("--items <file>", "index exactly these items, known from training or new; their features place them")
    .option("--add <file>", "index these items too, beside those of training; known ids get their new features")
    .addOption(
      new Option("--kind <kind>", "compare with every item, or walk a graph; auto: the graph from 20,000 items on")
        .choices(["auto", "exact", "hnsw"])
        .default("auto"),
    )
    .option("--m <n>", "hnsw: links of an item (16)", wholeNumber)
    .option("--ef-construction <n>", "hnsw: candidates weighed when an item is linked (200)", wholeNumber)
    .option("--seed <n>", "hnsw: same seed, same items: same index", seed)
    .addHelpText(
      "after",
      `
Without an index, recall and similar compare with every item of training. Build one for large catalogues, and for
items that came after training. train replaces the whole folder, its index included: index again afterwards.`,
    )
    .action(indexItems);
}

async function indexItems(dir: string, flags: IndexFlags): Promise<void> {
  if (flags.items !== undefined && flags.add !== undefined)
    throw new UsageError(
      "--items gives the whole catalogue, --add items beside that of training: leave one of them out",
    );
  const terminal = new Terminal(flags);
  const folder = await ModelFolder.open(dir);
  const { model, dataSchema } = folder;
  const saved = await folder.items();
  const given = flags.items ?? flags.add;
  const rows = given === undefined ? undefined : await readItems(given, dataSchema);
  const { ids } = model.trained.on.items;
  const isNew = (id: string): boolean => ids.rowOf(id) === undefined;
  const fresh = rows === undefined ? 0 : [...rows.keys()].filter(isNew).length;

  const start = performance.now();
  const recaller = await stage(terminal, "index", (stage) => {
    const recaller = build(folder, flags, rows);
    const { index } = recaller;
    const others = fresh > 0 ? `, ${counted(fresh, "item")} of them unknown in training` : "";
    stage.summary = `${counted(index.size, "item")} in ${seconds((performance.now() - start) / 1000)}, ${kindOf(recaller)}${others}`;
    return recaller;
  });
  const items = flags.items === undefined ? new Map([...saved, ...(rows ?? [])]) : rows!;
  await folder.saveIndex(recaller.index, items);
  const { index } = recaller;
  terminal.result(
    { command: "index", model: dir, kind: kindOf(recaller), items: index.size, new: fresh, dimension: index.dimension },
    () => `${dir}  ${counted(index.size, "item")} × ${index.dimension}, ${kindOf(recaller)}`,
  );
}

function build({ model }: ModelFolder, flags: IndexFlags, rows: Items | undefined): Recaller<Schema> {
  const { kind, m, efConstruction, seed } = flags;
  const graph = Object.entries({ M: m, efConstruction, seed }).filter(([, value]) => value !== undefined);
  if (kind === "exact" && graph.length > 0)
    throw new UsageError("--m, --ef-construction and --seed belong to --kind hnsw, not to --kind exact");
  const list = rows && Array.from(rows.values(), ({ row }) => row);
  const added = flags.add !== undefined;
  const count = list && !added ? list.length : model.trained.on.items.ids.size;
  const factory =
    kind === "hnsw" || (kind === "auto" && count >= MANY_ITEMS) ? hnsw(Object.fromEntries(graph)) : exact();
  if (!added) return model.index(list, factory);
  const recaller = model.index(factory);
  recaller.add(list!);
  return recaller;
}

const kindOf = ({ index }: Recaller<Schema>): "exact" | "hnsw" => (index instanceof HnswIndex ? "hnsw" : "exact");
