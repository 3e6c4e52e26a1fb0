import { expect, test } from "vitest";
import { exact } from "../../src/ann/index-factory.ts";
import { groupByUser } from "../../src/features/interactions.ts";
import { hnsw } from "../../src/hnsw.ts";
import { type MinedOptions, mined } from "../../src/recall/mined.ts";
import type { TrainingFacts } from "../../src/sampling/negatives.ts";
import { Random } from "../../src/tensor/random.ts";
import { clustered } from "../ann/clustered.ts";

const d = 8;
const ITEMS = 300;
const USERS = 5;
const { items, queries: users } = clustered(ITEMS, d, USERS);
const known = groupByUser({ users: Int32Array.of(0, 0, 1), items: Int32Array.of(3, 4, 5) }, USERS);
const facts: TrainingFacts = {
  itemCount: ITEMS,
  counts: new Float64Array(ITEMS).fill(1),
  known,
  model: {
    items: () => items.slice(),
    users: (rows) => Float32Array.from(Array.from(rows).flatMap((row) => [...users.subarray(row * d, (row + 1) * d)])),
  },
};
const everybody = Int32Array.from({ length: USERS }, (_, user) => user);
const isKnown = (user: number, item: number): boolean =>
  known.items.subarray(known.offsets[user], known.offsets[user + 1]).includes(item);

/** The items at ranks from … to for a user, known ones not counted, by comparing with each. */
function band(user: number, from: number, to: number): number[] {
  const cosine = (item: number): number => {
    let [dot, square] = [0, 0];
    for (let j = 0; j < d; j++) {
      dot += items[item * d + j] * users[user * d + j];
      square += items[item * d + j] ** 2;
    }
    return dot / Math.sqrt(square);
  };
  const ranked = Array.from({ length: ITEMS }, (_, item) => item).sort((a, b) => cosine(b) - cosine(a));
  return ranked.filter((item) => !isKnown(user, item)).slice(from, to);
}

function drawn(options: MinedOptions): number[][] {
  const source = mined(4, options).build(facts);
  const random = new Random(1);
  source.prepare?.(everybody, 0, random);
  return Array.from(everybody, (user) => Array.from({ length: 30 }, () => [...source.draw(user, random)]).flat());
}

test.each([
  ["by default", {}],
  ["exact()", { index: exact() }],
  ["hnsw()", { index: hnsw({ M: 8 }) }],
])("what is drawn stands in the band of the user's ranks: %s", (_, options) => {
  for (const [user, items] of drawn({ from: 5, to: 15, ...options }).entries())
    expect([...new Set(items)].sort((a, b) => a - b)).toEqual(band(user, 5, 15).sort((a, b) => a - b));
});

test("an index that is none is refused", () => {
  expect(() => drawn({ index: hnsw as never })).toThrow(/^mined: expected an index made by exact\(\) or hnsw\(\)/);
});
