import { TwoTowerError } from "../errors.ts";
import type { Frequency } from "./frequency.ts";

/** Items drawn at random for a batch, each shared by all its users. */
export interface Drawn {
  readonly kind: "uniform" | "popularity";
  readonly count: number;
  /** Exponent of the popularity; 0 for uniform. */
  readonly alpha: number;
}

/** Positives of former batches, by the vectors they had then. */
export interface CrossBatch {
  readonly kind: "crossBatch";
  readonly count: number;
  /** Steps to train before the memory is used: at first vectors move too fast to be worth remembering. */
  readonly after: number;
}

/** Each positive's own hard negatives: items that the model as it is now ranks from … to for the user. */
export interface Mined {
  readonly kind: "mined";
  readonly count: number;
  /** Ranks, from 0. */
  readonly from: number;
  readonly to: number;
  /** Steps between two looks at the model. */
  readonly every: number;
}

/** Each positive's own explicit negatives: what its user was shown and did not choose. */
export interface Impressed {
  readonly kind: "impressed";
  readonly count: number;
}

/** What may be added to the negatives of a batch. */
export type Source = Drawn | CrossBatch | Mined | Impressed;

/** Where the negatives of a batch come from. */
export type Negatives =
  /**
   * Columns shared by all users of a batch, each other's positives first where `inBatch`; and a few of each user's
   * own.
   */
  | {
      readonly layout: "shared";
      readonly inBatch: boolean;
      readonly frequency: Frequency;
      readonly sources: readonly Source[];
    }
  /** Each user's own, drawn for it alone. */
  | { readonly layout: "own"; readonly drawn: Drawn }
  /** All that anybody chose: no sampling, no correction. For catalogues that allow it. */
  | { readonly layout: "all" };

/**
 * The other positives of the batch: free, but popular items come up more often, which log Q must undo. `frequency`
 * says how it is known how often: "counted" in the training data, or estimated as they come by `streaming()`.
 */
export const inBatch = ({ frequency = "counted" }: { readonly frequency?: Frequency } = {}): Negatives => ({
  layout: "shared",
  inBatch: true,
  frequency,
  sources: [],
});

/**
 * Only what is drawn, shared by the batch: sampled(uniform(1024)) is the sampled softmax of Covington et al. 2016. For
 * large batches of small catalogues, whose own positives would be more negatives than are worth their time.
 */
export const sampled = (...sources: readonly Source[]): Negatives =>
  mixed({ layout: "shared", inBatch: false, frequency: "counted", sources: [] }, ...sources);

/** `count` items, all that anybody chose equally likely. Within `mixed` shared by the batch, within `each` for every positive. */
export const uniform = (count: number): Drawn => ({ kind: "uniform", count: whole("uniform", count), alpha: 0 });

/** `count` items in proportion to (training interactions)^alpha. */
export const popularity = (count: number, { alpha = 0.75 }: { readonly alpha?: number } = {}): Drawn => {
  if (!Number.isFinite(alpha))
    throw new TwoTowerError("BAD_ARGUMENT", `popularity: alpha is ${alpha}; expected a number`);
  return { kind: "popularity", count: whole("popularity", count), alpha };
};

/**
 * The last `count` positives of former batches, by the vectors they had then: negatives that cost no encoding
 * (cross-batch negative sampling, Wang et al. 2021). `after` so many steps; 1,000 by default.
 */
export const crossBatch = (count: number, { after = 1000 }: { readonly after?: number } = {}): CrossBatch => ({
  kind: "crossBatch",
  count: whole("crossBatch", count),
  after: whole("crossBatch: after", after, 0),
});

/**
 * `count` hard negatives for every positive, drawn from those the model now ranks from … to for the user, by
 * default 100 … 500: the very hardest are mostly positives nobody knows of (Huang et al. 2020, who used at most 2).
 * The ranks are looked up in an index of the catalogue, made anew `every` so many steps; 1,000 by default.
 */
export const mined = (
  count: number,
  options: { readonly from?: number; readonly to?: number; readonly every?: number } = {},
): Mined => {
  const { from = 100, to = 500, every = 1000 } = options;
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && to > from))
    throw new TwoTowerError("BAD_ARGUMENT", `mined: ranks from ${from} to ${to}; expected whole numbers 0 ≤ from < to`);
  return { kind: "mined", count: whole("mined", count), from, to, every: whole("mined: every", every) };
};

/** `count` for every positive of what its user was shown and did not choose: rows of the data's `impressions`. */
export const impressed = (count: number): Impressed => ({ kind: "impressed", count: whole("impressed", count) });

/** The batch's other positives and more besides: mixed(inBatch(), uniform(1024)) is Yang et al. 2020. */
export function mixed(batch: Negatives, ...sources: readonly Source[]): Negatives {
  if (batch.layout !== "shared")
    throw new TwoTowerError("BAD_ARGUMENT", "mixed: the first argument is inBatch(), then uniform(n) or popularity(n)");
  for (const kind of ["crossBatch", "mined", "impressed"])
    if (sources.filter((source) => source.kind === kind).length > 1)
      throw new TwoTowerError("BAD_ARGUMENT", `mixed: ${kind}() is there twice; one of them, with a larger count`);
  return { ...batch, sources: [...batch.sources, ...sources] };
}

/** Negatives of every positive's own: each(uniform(3)) is the classical 1 : 3. */
export const each = (drawn: Drawn): Negatives => ({ layout: "own", drawn });

/** Every item of the catalogue that anybody chose is a candidate: the full softmax. Of others there is nothing to learn. */
export const allItems = (): Negatives => ({ layout: "all" });

function whole(name: string, count: number, least = 1): number {
  if (!(Number.isInteger(count) && count >= least))
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      name.includes(":")
        ? `${name} is ${count}; expected a whole number of steps`
        : `${name}: ${count} is not a number of negatives; expected a whole number above 0`,
    );
  return count;
}
