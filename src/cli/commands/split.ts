import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { leaveOneOut, randomSplit, type Split, temporalSplit } from "../../evaluation/split.ts";
import { Ids } from "../../features/ids.ts";
import { csvLines } from "../../io/csv-lines.ts";
import type { DataSchema } from "../../io/data-schema.ts";
import { inferDataSchema } from "../../io/infer-schema.ts";
import { type Columns, pairColumns, withMinRating } from "../../io/load-dataset.ts";
import { readTable } from "../../io/read-table.ts";
import { writeFileWhole } from "../../io/write-file.ts";
import { finite, seed, share } from "../arguments.ts";
import { UsageError } from "../failure.ts";
import { count, counted, percent } from "../figures.ts";
import { checkOutput } from "../output.ts";
import { readSchema, showReading } from "../reading.ts";
import { stage } from "../stage.ts";
import { table as drawTable } from "../table.ts";
import { type OutputFlags, Terminal } from "../terminal.ts";

interface SplitFlags extends OutputFlags {
  readonly out: string;
  readonly by?: Way;
  readonly test?: number;
  readonly validation?: number | true;
  readonly minRating?: number;
  readonly schema?: string;
  readonly seed: number;
}

type Way = "time" | "leave-one-out" | "random";

/** One file of interactions into one to train on and one to test on. */
export function addSplit(program: Command): Command {
  return program
    .command("split <file>")
    .description("divide a file of interactions into files to train, choose and test on")
    .requiredOption("--out <dir>", "folder for train.csv, test.csv and, if asked for, validation.csv")
    .addOption(
      new Option(
        "--by <way>",
        "time: the latest are the test, for all users at once; leave-one-out: each user's last; random. " +
          "Left out: time if the file has times, else random",
      ).choices(["time", "leave-one-out", "random"]),
    )
    .option("--test <share>", "of the interactions, by time or at random (0.1)", share)
    .option("--validation [share]", "hold out a share before the test too (0.1), or each user's second last", share)
    .option("--min-rating <r>", "leave out what is rated lower: it is no positive", finite)
    .option("--schema <file>", "which columns are users, items, times and ratings; inferred if not given")
    .option("--seed <n>", "same seed, same random split", seed, 1)
    .action(split);
}

async function split(file: string, flags: SplitFlags): Promise<void> {
  const terminal = new Terminal(flags);
  const { out } = flags;
  const wanted =
    flags.validation === undefined ? (["train", "test"] as const) : (["train", "validation", "test"] as const);
  const pathOf = (name: string): string => join(out, `${name}.csv`);
  const places = wanted.map((name) => ({ name, path: pathOf(name) }));
  // Without --validation the file of an earlier split goes: its rows would be among those to train on.
  const stale = flags.validation === undefined ? [pathOf("validation")] : [];
  for (const path of [...places.map(({ path }) => path), ...stale])
    await checkOutput("--out", path, { inputs: [file, flags.schema] });
  const schema = flags.schema === undefined ? undefined : await readSchema(flags.schema);
  const table = await stage(terminal, "read", async (stage) => {
    const onBytes = showReading(stage);
    const columns = schema?.interactions.columns;
    const table = await readTable(file, {
      role: "interactions",
      columns,
      onBytes: (read, total) => onBytes(file, read, total),
    });
    stage.summary = counted(table.count, "interaction");
    return table;
  });
  const dataSchema = withMinRating(schema ?? inferDataSchema({ interactions: table }), flags.minRating);
  const pairs = pairColumns(table, dataSchema);
  const { timestamp: times } = pairs.columns as { timestamp?: Float64Array };
  const timestamps = times && Float64Array.from(times);
  const by = flags.by ?? (timestamps ? "time" : "random");
  const ids = idsOf(pairs.columns, dataSchema);
  const parts = divide({ users: ids.users, timestamps }, by, flags);

  const files = places.map((place) => ({ ...place, rows: parts[place.name] }));
  for (const { path, rows } of files)
    await writeFileWhole(
      path,
      csvLines(
        table,
        rows.map((row) => pairs.rows[row]),
      ),
    );

  for (const path of stale)
    if (
      await rm(path).then(
        () => true,
        () => false,
      )
    )
      terminal.note(`  ${path} of an earlier split removed`);

  const isKnown = knownIn(parts.train, ids);
  const summaries = files.map(({ name, path, rows }) => ({
    name,
    path,
    interactions: rows.length,
    users: distinct(rows, ids.users),
    items: distinct(rows, ids.items),
    known: rows.filter(isKnown).length,
    ...(timestamps && { from: extreme(rows, timestamps, Math.min), to: extreme(rows, timestamps, Math.max) }),
  }));
  terminal.result({ command: "split", file, by, belowMinRating: pairs.belowMinRating, parts: summaries }, () =>
    summaryText(terminal, by, summaries, pairs.belowMinRating, out),
  );
}

function divide(pairs: { users: Int32Array; timestamps: Float64Array | undefined }, by: Way, flags: SplitFlags): Split {
  const { test: testShare = 0.1, validation, seed } = flags;
  if (by === "leave-one-out") {
    if (flags.test !== undefined || typeof validation === "number")
      throw new UsageError("--by leave-one-out takes one interaction of each user, no share: leave the number out");
    return leaveOneOut(pairs, { validation: validation === true });
  }
  const validationShare = validation === true ? 0.1 : (validation ?? 0);
  const shares = { testShare, validationShare };
  return by === "time" ? temporalSplit(pairs, shares) : randomSplit(pairs.users.length, { ...shares, seed });
}

/** Users and items as numbers. */
interface PairIds {
  readonly users: Int32Array;
  readonly items: Int32Array;
}

function idsOf(columns: Columns, { interactions }: DataSchema): PairIds {
  const numbered = (column: string): Int32Array => {
    const ids = new Ids();
    return Int32Array.from(columns[column] as ArrayLike<string>, (id) => ids.add(id));
  };
  return { users: numbered(interactions.user), items: numbered(interactions.item) };
}

/** Whether a pair's user and item are both among the training pairs: whether a model of ids could have found it. */
function knownIn(train: Int32Array, { users, items }: PairIds): (row: number) => boolean {
  const seenUsers = new Set(Array.from(train, (row) => users[row]));
  const seenItems = new Set(Array.from(train, (row) => items[row]));
  return (row) => seenUsers.has(users[row]) && seenItems.has(items[row]);
}

const distinct = (rows: Int32Array, numbers: Int32Array): number => new Set(Array.from(rows, (r) => numbers[r])).size;

/** The first or last time of some rows, as ISO text; null if there are none. */
function extreme(rows: Int32Array, times: Float64Array, pick: (a: number, b: number) => number): string | null {
  if (rows.length === 0) return null;
  const seconds = rows.reduce((found, row) => pick(found, times[row]), times[rows[0]]);
  return new Date(seconds * 1000).toISOString();
}

interface PartSummary {
  readonly name: string;
  readonly path: string;
  readonly interactions: number;
  readonly users: number;
  readonly items: number;
  readonly known: number;
  readonly from?: string | null;
  readonly to?: string | null;
}

function summaryText(
  terminal: Terminal,
  by: Way,
  parts: readonly PartSummary[],
  belowMinRating: number,
  out: string,
): string {
  const hasTimes = parts[0].from !== undefined;
  const day = (time: string | null | undefined): string => time?.slice(0, 10) ?? "–";
  const head = [`by ${by}`, "interactions", "users", "items", "known to train", ...(hasTimes ? ["from", "to"] : [])];
  const rows = parts.map((part) => [
    part.path,
    count(part.interactions),
    count(part.users),
    count(part.items),
    part.name === "train" ? "" : percent(part.known / part.interactions),
    ...(hasTimes ? [day(part.from), day(part.to)] : []),
  ]);
  const validation = parts.some(({ name }) => name === "validation")
    ? ` --validation ${join(out, "validation.csv")}`
    : "";
  return [
    drawTable(terminal, head, rows),
    ...fewKnown(by, parts[parts.length - 1]),
    ...(belowMinRating > 0 ? [`  ${counted(belowMinRating, "row")} rated too low left out`] : []),
    "",
    `Go on:  twotower train --interactions ${join(out, "train.csv")}${validation} --out MODEL`,
    `        twotower evaluate MODEL --test ${join(out, "test.csv")}`,
  ].join("\n");
}

/** Split by time, most of a test may be about users that the training never met; then the figures say little. */
function fewKnown(by: Way, { known, interactions }: PartSummary): string[] {
  if (by !== "time" || known >= interactions / 2) return [];
  return [
    `  Only ${count(known)} of the test's interactions have a user and an item that are in train.csv too; only those can`,
    "  be tested without features of users. To test on users that train.csv knows: --by leave-one-out",
  ];
}
