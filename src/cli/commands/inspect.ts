import type { Command } from "commander";
import { HnswIndex } from "../../ann/hnsw.ts";
import { printDataSchema } from "../../io/print-schema.ts";
import { bytes, count, counted, metric, seconds } from "../figures.ts";
import { typed } from "../flag-texts.ts";
import { ModelFolder } from "../model-folder.ts";
import { schemaLines } from "../schema-text.ts";
import { table } from "../table.ts";
import { type OutputFlags, Terminal } from "../terminal.ts";
import { towerText } from "../tower-text.ts";

/** What a model's folder holds. */
export function addInspect(program: Command): Command {
  return program
    .command("inspect <dir>")
    .description("what a model consists of, what it was trained on, and whether its files are whole")
    .action(inspect);
}

async function inspect(dir: string, flags: OutputFlags): Promise<void> {
  const terminal = new Terminal(flags);
  const folder = await ModelFolder.open(dir);
  const { model, dataSchema } = folder;
  const { on, network } = model.trained;
  const parameters = Array.from(network.parameters(), ([name, { value }]) => ({ name, shape: [...value.shape] }));
  const total = parameters.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);
  const report = (await folder.report()) ?? null;
  const items = await folder.items();
  const saved = await folder.index();
  const index = saved && {
    kind: saved instanceof HnswIndex ? "hnsw" : "exact",
    items: saved.size,
    unknownInTraining: [...items.keys()].filter((id) => saved.has(id) && on.items.ids.rowOf(id) === undefined).length,
  };
  const files = await folder.files();
  const { user, item } = model.options.towers;
  const sizes = {
    users: on.users.table.count,
    items: on.items.table.count,
    interactions: on.interactions.users.length,
  };
  terminal.result(
    {
      command: "inspect",
      model: dir,
      towers: { user, item },
      ...sizes,
      parameters: total,
      tensors: parameters,
      schema: JSON.parse(printDataSchema(dataSchema)),
      training: report,
      index: index ?? null,
      files,
    },
    () => {
      const lines: [string, string][] = [
        [
          "trained on",
          `${counted(sizes.interactions, "interaction")} of ${counted(sizes.users, "user")} and ${counted(sizes.items, "item")}`,
        ],
        ["user tower", towerText(user)],
        ["item tower", `${towerText(item)}; ${count(total)} parameters in all`],
        ...(report ? [["training", trainingText(report)] as [string, string]] : []),
        ...(report?.flags ? [["told to train", typed(report.flags)] as [string, string]] : []),
        [
          "index",
          index
            ? `${counted(index.items, "item")}, ${index.kind}${index.unknownInTraining > 0 ? `, ${count(index.unknownInTraining)} unknown in training` : ""}`
            : "none: recall compares with every item of training",
        ],
      ];
      return [
        terminal.style("bold", dir),
        ...lines.map(([name, text]) => `  ${name.padEnd(13)}  ${text}`),
        "",
        ...schemaLines(dataSchema).map((line) => `  ${line}`),
        "",
        table(
          terminal,
          ["weights", "shape"],
          parameters.map(({ name, shape }) => [name, shape.join(" × ")]),
        ),
        "",
        table(
          terminal,
          ["file", "size"],
          files.map((file) => [file.name, bytes(file.bytes)]),
        ),
        terminal.style("dim", "  All checksums hold."),
      ].join("\n");
    },
  );
}

function trainingText({
  epochs,
  bestEpoch,
  metric: name,
  validation,
  seconds: took,
}: NonNullable<Awaited<ReturnType<ModelFolder["report"]>>>): string {
  const best = validation === null ? "" : `, best at ${bestEpoch}: ${name} ${metric(validation)} on validation`;
  return `${counted(epochs.length, "epoch")} in ${seconds(took)}, loss ${epochs[bestEpoch - 1].loss.toFixed(4)}${best}`;
}
