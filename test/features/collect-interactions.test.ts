import { describe, expect, test } from "vitest";
import { codedOf } from "../../src/features/coded.ts";
import { encodeDataset } from "../../src/features/encode-dataset.ts";
import { fitSchema } from "../../src/features/fit-schema.ts";
import { type InteractionRow, id, type RowsOf, twoTower } from "../../src/index.ts";
import { collectInteractions } from "../../src/scale.ts";
import { Random } from "../../src/tensor/random.ts";

const schema = { user: { userId: id() }, item: { movieId: id() } };

interface Row {
  readonly userId: string;
  readonly movieId: number;
  readonly timestamp: number;
  readonly weight: number;
}
const random = new Random(1);
const rows: Row[] = Array.from({ length: 3000 }, (_, i) => ({
  userId: `user ${random.below(50)}`,
  movieId: random.below(40) - 5,
  timestamp: 1_000_000_000 + i,
  weight: 1 + (i % 3),
}));

/** Chunks of different sizes, one of them empty, each gone when the next is made. */
async function* inChunks(all: readonly Row[]): AsyncGenerator<Row[]> {
  for (let from = 0, size = 1; from < all.length; from += size, size = (size * 3) % 701) {
    yield all.slice(from, from + size);
    yield [];
  }
}

describe("interactions in chunks", () => {
  test("are the columns of all rows", async () => {
    const columns = (await collectInteractions(schema, inChunks(rows))) as unknown as Record<
      string,
      ArrayLike<unknown>
    >;
    for (const name of ["userId", "movieId", "timestamp", "weight"] as const)
      expect(Array.from(columns[name]), name).toEqual(rows.map((row) => row[name]));
  });

  test("train the model that all rows at once train, to the last bit", async () => {
    const bytesOf = async (interactions: RowsOf<InteractionRow<typeof schema>>): Promise<Uint8Array> => {
      const model = twoTower({ ...schema, dimension: 8 });
      await model.fit({ interactions }, { epochs: 2, seed: 3 });
      return model.save();
    };
    const streamed = await bytesOf(await collectInteractions(schema, inChunks(rows)));
    expect(streamed.length).toBeGreaterThan(1000);
    expect(streamed).toEqual(await bytesOf(rows));
  });

  test("are trained on where they lie: encoding makes no copy of them", async () => {
    const columns = await collectInteractions(schema, inChunks(rows));
    const { timestamp, weight } = columns as unknown as { timestamp: Uint32Array; weight: Float32Array };
    const fitted = fitSchema(schema, { interactions: columns });
    const { interactions } = encodeDataset(fitted, { interactions: columns });
    expect(interactions.timestamps).toBe(timestamp);
    expect(interactions.weights).toBe(weight);
    expect(interactions.users).toBe(codedOf((columns as unknown as { userId: ArrayLike<string> }).userId)?.codes);
    const listed = { users: [{ userId: "user 0" }], interactions: columns }; // other rows: a copy, and the same people
    const { users, interactions: pairs } = encodeDataset(fitSchema(schema, listed), listed);
    expect(Array.from(pairs.users, (row) => users.ids.idOf(row))).toEqual(rows.map(({ userId }) => userId));
  });

  test("may be columns, in any iterable, with ids of text or numbers", async () => {
    const chunk = { userId: ["a", "b"], movieId: Int32Array.of(7, 9) };
    const { userId, movieId } = (await collectInteractions(schema, [chunk, chunk])) as typeof chunk;
    expect([userId, movieId].map((ids) => Array.from<unknown>(ids))).toEqual([
      ["a", "b", "a", "b"],
      [7, 9, 7, 9],
    ]);
  });

  test("take 16 bytes each, timestamp and weight included", async () => {
    const count = 600_000; // more than two blocks
    const chunks = function* () {
      for (let from = 0; from < count; from += 10_000)
        yield {
          userId: Int32Array.from({ length: 10_000 }, (_, i) => from + i),
          movieId: Int32Array.from({ length: 10_000 }, (_, i) => i % 100),
          timestamp: Float64Array.from({ length: 10_000 }, (_, i) => 1.5e9 + from + i),
          weight: new Float32Array(10_000).fill(2),
        };
    };
    const columns = Object.values(await collectInteractions(schema, chunks())) as unknown as ArrayBufferView[];
    expect(columns.length).toBe(4);
    expect(columns.reduce((bytes, { byteLength }) => bytes + byteLength, 0)).toBe(16 * count);
  });

  test("with times between the seconds keep them exactly", async () => {
    const times = [5, 5.25, 1e9];
    const chunks = times.map((timestamp) => [{ userId: 1, movieId: 2, timestamp }]);
    const { timestamp } = (await collectInteractions(schema, chunks)) as unknown as { timestamp: Float64Array };
    expect(timestamp).toEqual(Float64Array.from(times));
  });

  test("of which some lack a time are an error that says where", async () => {
    const chunks = [[{ userId: 1, movieId: 2, timestamp: 3 }], [{ userId: 1, movieId: 2 }]];
    await expect(collectInteractions(schema, chunks)).rejects.toThrow(
      "chunk 2, which begins with interaction 1: interactions[0] has no timestamp, unlike the 1 before it",
    );
    const bad = [[{ userId: 1, movieId: 2 }], [{ userId: null as unknown as string, movieId: 2 }]];
    await expect(collectInteractions(schema, bad)).rejects.toThrow(
      "chunk 2, which begins with interaction 1: interactions[0].userId is null",
    );
  });
});
