import type { CandidateScorer } from "../../evaluation/ranker.ts";
import { includes, itemsOf } from "../../evaluation/user-items.ts";
import type { UserItems } from "../../features/interactions.ts";
import { Random } from "../../tensor/random.ts";
import type { Similarities } from "./report-data.ts";

interface Pairs {
  readonly users: Int32Array;
  readonly items: Int32Array;
}

/** Pairs of a kind that are looked at: enough for a smooth histogram. */
const SAMPLE = 20_000;
const BINS = 50;

/**
 * How similar users are to what they were trained on, to what was held out, and to items drawn at random: of the same
 * users as the held-out pairs, and neither trained on nor held out.
 */
export function similaritiesOf(
  model: CandidateScorer,
  { trained, heldOut, known, test }: { trained: Pairs; heldOut: Pairs; known: UserItems; test: UserItems },
): Similarities {
  const random = new Random(1);
  const positives = sample(heldOut, random);
  const cosines = (pairs: Pairs): Float32Array => model.scores(pairs.users, pairs.items).sort();
  const all = [
    { name: "trained on", values: cosines(sample(trained, random)) },
    { name: "held out", values: cosines(positives) },
    { name: "random items", values: cosines(others(positives.users, model.itemCount, [known, test], random)) },
  ].filter(({ values }) => values.length > 0);
  const from = Math.min(...all.map(({ values }) => values[0]));
  const to = Math.max(...all.map(({ values }) => values[values.length - 1]));
  const width = Math.max(to - from, 1e-6) / BINS;
  return {
    from,
    width,
    of: all.map(({ name, values }) => ({
      name,
      pairs: values.length,
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
      shares: histogram(values, from, width),
    })),
    heldOutWins: all.length < 3 ? null : winsOf(all[1].values, all[2].values),
  };
}

/** All pairs, or as many as `SAMPLE` drawn from them. */
function sample(pairs: Pairs, random: Random): Pairs {
  const { length } = pairs.users;
  if (length <= SAMPLE) return { users: Int32Array.from(pairs.users), items: Int32Array.from(pairs.items) };
  const rows = Int32Array.from({ length: SAMPLE }, () => random.below(length));
  return { users: rows.map((row) => pairs.users[row]), items: rows.map((row) => pairs.items[row]) };
}

/** An item for each user that is in none of the lists. A user who has nearly everything goes without. */
function others(users: Int32Array, itemCount: number, lists: readonly UserItems[], random: Random): Pairs {
  const drawn: [user: number, item: number][] = [];
  for (const user of users)
    for (let tries = 0; tries < 50; tries++) {
      const item = random.below(itemCount);
      if (lists.some((list) => includes(itemsOf(list, user), item))) continue;
      drawn.push([user, item]);
      break;
    }
  return { users: Int32Array.from(drawn, ([user]) => user), items: Int32Array.from(drawn, ([, item]) => item) };
}

function histogram(values: Float32Array, from: number, width: number): number[] {
  const shares = new Array<number>(BINS).fill(0);
  for (const value of values) shares[Math.min(BINS - 1, Math.floor((value - from) / width))] += 1 / values.length;
  return shares;
}

/** The share of all pairs of a from `positives` and b from `negatives`, both ascending, with a > b; ties count half. */
function winsOf(positives: Float32Array, negatives: Float32Array): number {
  let [below, notAbove, wins] = [0, 0, 0];
  for (const value of positives) {
    while (negatives[below] < value) below++;
    while (negatives[notAbove] <= value) notAbove++;
    wins += (below + notAbove) / 2;
  }
  return wins / (positives.length * negatives.length);
}
