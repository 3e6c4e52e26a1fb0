import fc from "fast-check";
import { expect, test } from "vitest";
import { TwoTowerError } from "../../src/errors.ts";
import { category, id, list, number, type Schema, TwoTower, tags, timestamp, transformer } from "../../src/index.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/tensor/safetensors.ts";
import { messageOf } from "../features/messages.ts";

const itemId = id();
const schema = {
  user: {
    userId: id(),
    country: category(),
    age: number({ bins: 2 }),
    likes: tags(),
    read: list(itemId, { max: 4 }),
    seen: list(itemId, { max: 4, pool: transformer({ layers: 1, heads: 2 }) }),
  },
  item: { itemId, genres: tags(), year: number(), since: timestamp() },
};
const users = Array.from({ length: 12 }, (_, userId) => ({
  userId,
  country: "KR",
  age: userId,
  likes: ["a", "b"],
  read: [],
  seen: [],
}));
const items = Array.from({ length: 9 }, (_, i) => ({ itemId: i, genres: ["x", "y", "z"], year: i, since: 1e9 + i }));
const interactions = users.flatMap(({ userId }) =>
  Array.from({ length: 3 }, (_, n) => ({ userId, itemId: (userId + n * n) % 9, timestamp: 1e9 + n, rating: 1 })),
);

const trained = async (): Promise<Uint8Array> => {
  const model = new TwoTower<Schema>(schema, { dimension: 4, hidden: [4] });
  await model.fit({ users, items, interactions }, { epochs: 1, batchSize: 16 });
  return model.save();
};

/** All that a model does, with rows it knows and rows it does not. */
function use(bytes: Uint8Array): void {
  const model = TwoTower.load(bytes);
  const recaller = model.index();
  for (const user of [0, 5, 11]) recaller.recall(user, 5);
  recaller.recall({ country: "KR", age: 3, likes: ["b"], read: [1], seen: [2, 3] } as never, 5);
  model.extend({ interactions: [{ userId: 3, itemId: 4, timestamp: 2e9 }] });
  model.index().recall(3, 5);
  model.save();
}

test("a model forged with right checksums is refused, or loads as one that is safe to use", async () => {
  const file = decodeSafetensors(await trained());
  const names = [...file.tensors.keys()];
  const json = new TextDecoder().decode(file.tensors.get("schema")!.data as Uint8Array);
  let refused = 0;
  const tried = (tensors: Parameters<typeof encodeSafetensors>[0], metadata = Object.fromEntries(file.metadata)) => {
    try {
      use(encodeSafetensors(tensors, metadata));
    } catch (error) {
      if (!(error instanceof TwoTowerError)) throw error;
      refused++;
    }
  };
  const copy = () =>
    Object.fromEntries([...file.tensors].map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]));
  const values = fc.oneof(fc.integer(), fc.integer({ min: -3, max: 40 }), fc.constantFrom(Number.NaN, Infinity, 1e30));
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(), values, (name, at, value) => {
      const tensors = copy();
      const { data } = tensors[name];
      data[at % data.length] = value;
      tried(tensors);
    }),
    { numRuns: 150 },
  );
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat({ max: 40 }), (name, length) => {
      const tensors = copy();
      if (length === 40) delete tensors[name];
      else
        tensors[name] = {
          shape: [Math.min(length, tensors[name].data.length)],
          data: tensors[name].data.slice(0, length),
        };
      tried(tensors);
    }),
    { numRuns: 50 },
  );
  // Any number or word of the fitted schema becomes another one.
  const places = [...json.matchAll(/(?<=[:[,])(?:-?[\d.]+|"[^"]*"|true|null)/g)];
  const words = fc.constantFrom("0", "-1", "1.5", "7", "1e9", "null", '"x"', "[]", "{}", "true", '"list"', '"item"');
  fc.assert(
    fc.property(fc.constantFrom(...places), words, ({ index, 0: { length } }, word) => {
      const data = new TextEncoder().encode(json.slice(0, index) + word + json.slice(index + length));
      tried({ ...copy(), schema: { shape: [data.length], data } });
    }),
    { numRuns: 150 },
  );
  fc.assert(
    fc.property(fc.constantFrom("dimension", "hidden", "identity", "crosses", "layerNorm"), fc.json(), (key, value) => {
      tried(copy(), { ...Object.fromEntries(file.metadata), options: `{"${key}":${value}}` });
    }),
    { numRuns: 50 },
  );
  expect(refused).toBeGreaterThan(100);
});

test("what is no bytes is refused with how to make some", () => {
  for (const bytes of [undefined, null, new ArrayBuffer(8), "x", 3, {}])
    expect(messageOf(() => TwoTower.load(bytes as never))).toBe(
      "BAD_ARGUMENT the bytes of a file were expected in a Uint8Array: new Uint8Array(buffer)",
    );
});
