import { TwoTowerError } from "../errors.ts";
import type { UserItems } from "../features/interactions.ts";
import { between, expectKind, expectKinds, holds, type Kind, wholeBetween } from "../features/kinds.ts";
import type { Random } from "../tensor/random.ts";
import type { Memory } from "./cross-batch.ts";
import type { Frequency } from "./frequency.ts";
import type { Candidates } from "./sampler.ts";

/** What negatives need to know of the training data. */
export interface TrainingFacts {
  readonly itemCount: number;
  /** Interactions of each item: how often it comes up as somebody's positive. */
  readonly counts: Float64Array;
  /** What each user is known to like: never a negative of that user. */
  readonly known: UserItems;
  /** What each user was shown and did not choose. */
  readonly impressions?: UserItems | undefined;
  /** The model, for those that ask it. */
  readonly model?: VectorsNow | undefined;
}

/** The vectors of a model as it is now, row-major. */
export interface VectorsNow {
  /** Of all items. */
  items(): Float32Array;
  /** Of some users. */
  users(rows: Int32Array): Float32Array;
}

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
  /** An empty one. */
  build(): Memory;
}

/** Negatives of each positive's own, beside those that the batch shares. */
export interface OwnSource {
  readonly kind: "mined" | "impressed";
  /** At most so many for a positive. */
  readonly count: number;
  /** What finds them in the data of a training. */
  build(facts: TrainingFacts): OwnItems;
}

/** An `OwnSource` at work. */
export interface OwnItems {
  /** Up to `count` different items for a user. */
  draw(user: number, random: Random): Int32Array;
  /** Before each step, where there is something to prepare. */
  prepare?(users: Int32Array, step: number, random: Random): void;
  /** At the start of an epoch: what was prepared is to be prepared again. */
  forget?(): void;
}

/** What may be added to the negatives of a batch. */
export type Source = Drawn | CrossBatch | OwnSource;

/**
 * Where the negatives of a batch come from. Each kind that not every program needs carries what does its work (`build`),
 * so that a bundler leaves out what is not declared.
 */
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
  | {
      readonly layout: "own";
      readonly drawn: Drawn;
      /** What draws them. */
      build(facts: TrainingFacts): OwnLayout;
    }
  /** All that anybody chose: no sampling, no correction. For catalogues that allow it. */
  | { readonly layout: "all" };

/** Negatives of the layout "own" at work. */
export interface OwnLayout {
  candidates(users: Int32Array, positives: Int32Array, random: Random): Candidates;
}

/**
 * The other positives of the batch: free, but popular items come up more often, which log Q must undo. `frequency`
 * says how it is known how often: "counted" in the training data, or estimated as they come by `streaming()`.
 */
export function inBatch(options: { readonly frequency?: Frequency } = {}): Negatives {
  expectKinds("inBatch", options, { frequency });
  return { layout: "shared", inBatch: true, frequency: options.frequency ?? "counted", sources: [] };
}

const frequency: Kind = [
  (value) => value === "counted" || holds(value, "build", "function"),
  '"counted" or streaming()',
];

/**
 * Only what is drawn, shared by the batch: sampled(uniform(1024)) is the sampled softmax of Covington et al. 2016. For
 * large batches of small catalogues, whose own positives would be more negatives than are worth their time.
 */
export function sampled(...sources: readonly Source[]): Negatives {
  if (sources.length === 0) expectKind("sampled: the first argument", undefined, source);
  return joined("sampled", { layout: "shared", inBatch: false, frequency: "counted", sources: [] }, sources);
}

/** `count` items, all that anybody chose equally likely. Within `mixed` shared by the batch, within `each` for every positive. */
export const uniform = (count: number): Drawn => ({ kind: "uniform", count: countOf("uniform", count), alpha: 0 });

/** `count` items in proportion to (training interactions)^alpha. */
export function popularity(count: number, options: { readonly alpha?: number } = {}): Drawn {
  expectKinds("popularity", options, { alpha: between(-8, 8) });
  return { kind: "popularity", count: countOf("popularity", count), alpha: options.alpha ?? 0.75 };
}

/** The batch's other positives and more besides: mixed(inBatch(), uniform(1024)) is Yang et al. 2020. */
export function mixed(batch: Negatives, ...sources: readonly Source[]): Negatives {
  expectKind("mixed: the first argument", batch, [
    (value) => Array.isArray((value as Partial<Shared> | null)?.sources),
    "inBatch()",
  ]);
  return joined("mixed", batch as Shared, sources);
}

type Shared = Extract<Negatives, { layout: "shared" }>;
const source: Kind = [
  (value) => holds(value, "kind", "string"),
  "uniform(n), popularity(n), impressed(n), crossBatch(n) or mined(n)",
];

function joined(maker: string, batch: Shared, sources: readonly Source[]): Negatives {
  const all = [...batch.sources, ...sources];
  for (const given of all) expectKind(`${maker}: a source of negatives`, given, source);
  if (all.filter(({ kind }) => kind === "crossBatch").length > 1)
    throw new TwoTowerError("BAD_ARGUMENT", `${maker}: crossBatch() is there twice; one of them, with a larger count`);
  return { ...batch, sources: all };
}

/** Every item of the catalogue that anybody chose is a candidate: the full softmax. Of others there is nothing to learn. */
export const allItems = (): Negatives => ({ layout: "all" });

/** A number of negatives. More than these are a slip of the finger, which would only end when memory does. */
export function countOf(maker: string, count: number): number {
  expectKind(`${maker}: count`, count, wholeBetween(1, 100_000));
  return count;
}
