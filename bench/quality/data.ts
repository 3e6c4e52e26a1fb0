import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";

/** Pairs column by column, as `fit` takes them. Users and items are numbered from 0: their rows in the tables. */
export interface Pairs {
  readonly userId: Int32Array;
  readonly itemId: Int32Array;
  /** Place in the user's sequence, where the file has one. */
  readonly timestamp?: Int32Array | undefined;
}

/** A table of users or items: their numbers, and text columns beside them. */
export type Rows<Id extends string> = Record<Id, Int32Array> & { readonly [column: string]: Int32Array | string[] };

/** One benchmark: what may be learnt from, and what to find. */
export interface Benchmark {
  readonly train: Pairs;
  readonly test: Pairs;
  /** A validation part that comes with the split. It is neither trained on nor masked, as in the published runs. */
  readonly validation?: Pairs | undefined;
  /** Masked beside the training pairs when ranking: the validation item of leave-one-out splits. */
  readonly masked?: Pairs | undefined;
  /** Given candidates [test pairs, 99], where the protocol ranks only those. */
  readonly negatives?: Int32Array | undefined;
  readonly users: Rows<"userId">;
  readonly items: Rows<"itemId">;
}

const folder = resolve(process.env.TWOTOWER_DATA ?? "../shared/data");

/** The text of a data file, unzipped. Ends the run with a message where the data are not installed. */
function textOf(path: string, encoding: BufferEncoding = "utf8"): string {
  const file = join(folder, path);
  if (!existsSync(file)) {
    console.error(`${file} is not there. Set TWOTOWER_DATA to the folder that holds the data sets.`);
    process.exit(1);
  }
  const bytes = readFileSync(file);
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString(encoding);
}

const linesOf = (path: string, encoding?: BufferEncoding): string[] => textOf(path, encoding).trimEnd().split("\n");

/** "user item item …" lines, numbered from `first`; with `sequence` the items are in order of time. */
function adjacency(path: string, { first = 0, sequence = false } = {}): Pairs {
  const [userId, itemId, timestamp]: [number[], number[], number[]] = [[], [], []];
  for (const line of linesOf(path)) {
    const [user, ...items] = line.trim().split(/\s+/).map(Number);
    for (const [place, item] of items.entries()) {
      userId.push(user - first);
      itemId.push(item - first);
      timestamp.push(place);
    }
  }
  const pairs = { userId: Int32Array.from(userId), itemId: Int32Array.from(itemId) };
  return sequence ? { ...pairs, timestamp: Int32Array.from(timestamp) } : pairs;
}

/** 0 … n − 1, n being one more than the largest number in any of the columns. */
function numbered(...columns: Int32Array[]): Int32Array {
  let largest = -1;
  for (const column of columns) for (const value of column) if (value > largest) largest = value;
  return Int32Array.from({ length: largest + 1 }, (_, row) => row);
}

/** A table with ids only, so that users and items without training pairs are ranked too. */
function idsOnly(...parts: Pairs[]): Pick<Benchmark, "users" | "items"> {
  return {
    users: { userId: numbered(...parts.map(({ userId }) => userId)) },
    items: { itemId: numbered(...parts.map(({ itemId }) => itemId)) },
  };
}

function gowalla(): Benchmark {
  const [train, test] = [adjacency("gowalla/train.txt.gz"), adjacency("gowalla/test.txt.gz")];
  return { train, test, ...idsOnly(train, test) };
}

/** Gender, age group and occupation by MovieLens user number; genres and year by movie number. */
function movieLens1M(users: readonly number[], movies: readonly number[]): Omit<Benchmark, "train" | "test"> {
  const people = new Map(linesOf("ml-1m/users.dat").map((line) => [Number(line.split("::")[0]), line.split("::")]));
  const films = new Map(
    linesOf("ml-1m/movies.dat", "latin1").map((line) => [Number(line.split("::")[0]), line.split("::")]),
  );
  const person = (column: number): string[] => users.map((user) => people.get(user)?.[column] ?? "");
  const film = (column: number): string[] => movies.map((movie) => films.get(movie)?.[column] ?? "");
  return {
    users: {
      userId: Int32Array.from(users, (_, row) => row),
      gender: person(1),
      age: person(2),
      occupation: person(3),
      zip: person(4).map((zip) => zip.slice(0, 2)),
    },
    items: {
      itemId: Int32Array.from(movies, (_, row) => row),
      genres: film(2),
      year: film(1).map((title) => /\((\d{4})\)/.exec(title)?.[1] ?? ""),
    },
  };
}

const secondColumn = (path: string): number[] =>
  linesOf(path)
    .slice(1)
    .map((line) => Number(line.split("\t")[1]));

function ml1mM1(): Benchmark {
  return {
    train: adjacency("ml-1m-m1/train.txt.gz"),
    test: adjacency("ml-1m-m1/test.txt.gz"),
    validation: adjacency("ml-1m-m1/valid.txt.gz"),
    ...movieLens1M(secondColumn("ml-1m-m1/user_map.tsv"), secondColumn("ml-1m-m1/item_map.tsv")),
  };
}

function ncfMl1m(): Benchmark {
  const rated = linesOf("ncf-ml-1m/test.rating").map((line) => line.split("\t").map(Number));
  const listed = linesOf("ncf-ml-1m/test.negative.gz").map((line) => line.split("\t").slice(1).map(Number));
  const train = adjacency("ncf-ml-1m/train.txt.gz");
  const test = {
    userId: Int32Array.from(rated, ([user]) => user),
    itemId: Int32Array.from(rated, ([, item]) => item),
  };
  const negatives = Int32Array.from(listed.flat());
  return { train, test, negatives, ...idsOnly(train, test, { userId: test.userId, itemId: negatives }) };
}

function ml100k(): Benchmark {
  const [train, test] = ["train", "test"].map((part) =>
    adjacency(`ml-100k/recommenders75.${part}.txt.gz`, { first: 1 }),
  );
  const cells = (file: string): string[][] =>
    linesOf(`ml-100k/${file}`)
      .slice(1)
      .map((line) => line.split("\t"));
  const [users, items] = [cells("ml-100k.user"), cells("ml-100k.item")];
  const column = (rows: string[][], at: number): string[] => rows.map((row) => row[at] ?? "");
  return {
    train,
    test,
    users: {
      userId: Int32Array.from(users, ([user]) => Number(user) - 1),
      age: column(users, 1),
      gender: column(users, 2),
      occupation: column(users, 3),
    },
    items: {
      itemId: Int32Array.from(items, ([item]) => Number(item) - 1),
      year: column(items, 2).map((year) => (/^\d+$/.test(year) ? year : "")),
      genres: column(items, 3).map((genres) => genres.replaceAll(" ", "|")),
    },
  };
}

/** Everything there is; cut by `holdOut`. Ids are renumbered from 0. */
export function latestSmall(): Benchmark {
  const ratings = linesOf("ml-latest-small/ratings.csv.gz").slice(1);
  const films = linesOf("ml-latest-small/movies.csv.gz").slice(1);
  const rowOf = new Map(films.map((line, row) => [line.slice(0, line.indexOf(",")), row]));
  const pairs = ratings.map((line) => line.trim().split(","));
  const train = {
    userId: Int32Array.from(pairs, ([user]) => Number(user) - 1),
    itemId: Int32Array.from(pairs, ([, film]) => rowOf.get(film) as number),
  };
  return {
    train,
    test: train,
    users: { userId: numbered(train.userId) },
    items: {
      itemId: Int32Array.from(films.keys()),
      genres: films.map((line) => line.slice(line.lastIndexOf(",") + 1).trim()),
      year: films.map((line) => /\((\d{4})\)"?,[^,]*$/.exec(line.trim())?.[1] ?? ""),
    },
  };
}

function ml1mLeaveOneOut(): Benchmark {
  const train = adjacency("ml-1m/loo.train.txt.gz", { first: 1, sequence: true });
  const [validation, test] = ["valid", "test"].map((part) => adjacency(`ml-1m/loo.${part}.txt`, { first: 1 }));
  return { train, test, validation, masked: validation, ...idsOnly(train, validation, test) };
}

export const benchmarks = {
  gowalla,
  "ml-1m-m1": ml1mM1,
  "ncf-ml-1m": ncfMl1m,
  "ml-100k": ml100k,
  "ml-1m-loo": ml1mLeaveOneOut,
} as const satisfies { readonly [name: string]: () => Benchmark };

export type BenchmarkName = keyof typeof benchmarks;
