import { TwoTowerError } from "../errors.ts";
import { type Cells, readId, readTime } from "./cells.ts";
import { checkSchema } from "./check-schema.ts";
import type { Schema } from "./declare.ts";
import { readWeight } from "./encode-interactions.ts";
import { GrowingColumn, GrowingIds, GrowingTimes } from "./growing.ts";
import { show } from "./options.ts";
import type { InteractionRow, RowsOf } from "./rows.ts";
import { idOf } from "./sides.ts";
import { columnOf, type Source, sourceOf } from "./source.ts";

/** Interactions in pieces, each of rows or of columns, such as a file read a stretch at a time. */
export type Chunks<S extends Schema> = AsyncIterable<RowsOf<InteractionRow<S>>> | Iterable<RowsOf<InteractionRow<S>>>;

/**
 * Interactions of a file larger than memory, read once, chunk after chunk. Of a chunk only ids, time and weight stay:
 * 16 bytes an interaction and the text of each id once. What it gives are columns, to be trained on as any others are:
 * `model.fit({ interactions: await collectInteractions(schema, chunks), items })`.
 * Throws BAD_ROW and BAD_SCHEMA, and says in which chunk.
 */
export async function collectInteractions<const S extends Schema>(
  schema: S,
  chunks: Chunks<S>,
): Promise<RowsOf<InteractionRow<S>>> {
  checkSchema(schema);
  if (typeof chunks !== "object" || chunks === null || !(Symbol.asyncIterator in chunks || Symbol.iterator in chunks))
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      `the chunks are ${show(chunks)}: expected an iterable of chunks, each of rows or columns`,
    );
  const collector = new Collector(idOf(schema, "user").column, idOf(schema, "item").column);
  let number = 0;
  for await (const chunk of chunks) {
    number++;
    try {
      collector.add(sourceOf("interactions", chunk));
    } catch (error) {
      if (!(error instanceof TwoTowerError)) throw error;
      const place = `chunk ${number}, which begins with interaction ${collector.count}`;
      throw new TwoTowerError(error.code, `${place}: ${error.message}`, { cause: error });
    }
  }
  return collector.take() as unknown as RowsOf<InteractionRow<S>>; // its columns are those of the schema
}

class Collector {
  /** Interactions of whole chunks. */
  count = 0;
  readonly #columns: readonly [user: string, item: string];
  readonly #users = new GrowingIds();
  readonly #items = new GrowingIds();
  readonly #times = new Optional("timestamp", new GrowingTimes(), (cells, row) => readTime(cells, row, "auto"));
  readonly #weights = new Optional("weight", new GrowingColumn(Float32Array), readWeight);

  constructor(user: string, item: string) {
    this.#columns = [user, item];
  }

  add(chunk: Source): void {
    const [users, items] = this.#columns.map((column) =>
      columnOf(chunk, column, "Interactions need the ids of both sides"),
    );
    for (let row = 0; row < chunk.count; row++) {
      this.#users.push(readId(users, row));
      this.#items.push(readId(items, row));
    }
    this.#times.add(chunk, this.count);
    this.#weights.add(chunk, this.count);
    this.count += chunk.count;
  }

  take(): { [column: string]: ArrayLike<unknown> } {
    const [user, item] = this.#columns;
    const [timestamp, weight] = [this.#times.take(), this.#weights.take()];
    return {
      [user]: this.#users.take(),
      [item]: this.#items.take(),
      ...(timestamp && { timestamp }),
      ...(weight && { weight }),
    };
  }
}

/** A column that all interactions have, or none. */
class Optional<A> {
  readonly #column: string;
  readonly #values: { push(value: number): void; take(): A };
  readonly #read: (cells: Cells, row: number) => number;
  #given: boolean | undefined; // unknown before the first interaction

  constructor(
    column: string,
    values: { push(value: number): void; take(): A },
    read: (cells: Cells, row: number) => number,
  ) {
    this.#column = column;
    this.#values = values;
    this.#read = read;
  }

  add(chunk: Source, before: number): void {
    const cells = chunk.find(this.#column);
    for (let row = 0; row < chunk.count; row++) {
      const value = cells ? this.#read(cells, row) : Number.NaN;
      this.#given ??= !Number.isNaN(value);
      if (this.#given === Number.isNaN(value))
        throw new TwoTowerError(
          "BAD_ROW",
          `interactions[${row}] has ${this.#given ? "no" : "a"} ${this.#column}, unlike the ${before + row} before it; ` +
            "give it in all rows or in none",
        );
      if (this.#given) this.#values.push(value);
    }
  }

  take(): A | undefined {
    return this.#given ? this.#values.take() : undefined;
  }
}
