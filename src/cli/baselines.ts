import { InvalidArgumentError } from "commander";
import { ials } from "../evaluation/baselines/ials.ts";
import { itemKnn } from "../evaluation/baselines/item-knn.ts";
import { popularity } from "../evaluation/baselines/popularity.ts";
import { random } from "../evaluation/baselines/random.ts";
import { rp3beta } from "../evaluation/baselines/rp3beta.ts";
import type { CandidateScorer, Ranker } from "../evaluation/ranker.ts";
import type { UserItems } from "../features/interactions.ts";
import { commaSeparated } from "./arguments.ts";

type Baseline = (known: UserItems, itemCount: number) => Ranker & CandidateScorer;

export type BaselineName = "random" | "popularity" | "item-knn" | "p3alpha" | "rp3beta" | "ials";

/** The baselines by their names on the command line; each learns from the model's own training interactions. */
const BASELINES: Readonly<Record<BaselineName, Baseline>> = {
  random: (_, itemCount) => random(itemCount, { seed: 1 }),
  popularity,
  "item-knn": itemKnn,
  p3alpha: (known, itemCount) => rp3beta(known, itemCount, { beta: 0 }),
  rp3beta,
  ials,
};

/**
 * What a model should beat before anyone believes in it. RP³β holds popular items back, as suits MovieLens; on sparser data
 * (gowalla, Beauty) the walk that does not, P³α, is the stronger.
 */
export const USUAL_BASELINES: readonly BaselineName[] = ["popularity", "item-knn", "p3alpha", "rp3beta"];

export function baseline(name: BaselineName, known: UserItems, itemCount: number): Ranker & CandidateScorer {
  return BASELINES[name](known, itemCount);
}

/** "popularity,rp3beta", or "none". */
export function baselineNames(text: string): BaselineName[] {
  if (text === "none") return [];
  return commaSeparated(text).map((name) => {
    if (Object.hasOwn(BASELINES, name)) return name as BaselineName;
    throw new InvalidArgumentError(`"${name}" is none of ${Object.keys(BASELINES).join(", ")}, none.`);
  });
}
