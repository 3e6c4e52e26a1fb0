import { TwoTowerError } from "../errors.ts";

/** Items drawn at random for a batch. */
export interface Drawn {
  readonly kind: "uniform" | "popularity";
  readonly count: number;
  /** Exponent of the popularity; 0 for uniform. */
  readonly alpha: number;
}

/** Where the negatives of a batch come from. */
export type Negatives =
  /** Columns shared by all users of a batch: each other's positives, and items drawn besides. */
  | { readonly layout: "shared"; readonly drawn: readonly Drawn[] }
  /** Each user's own, drawn for it alone. */
  | { readonly layout: "own"; readonly drawn: Drawn }
  /** The whole catalogue: no sampling, no correction. For catalogues that allow it. */
  | { readonly layout: "all" };

/** The other positives of the batch: free, but popular items come up more often, which log Q must undo. */
export const inBatch = (): Negatives => ({ layout: "shared", drawn: [] });

/** `count` items, all equally likely. Within `mixed` shared by the batch, within `each` for every positive. */
export const uniform = (count: number): Drawn => ({ kind: "uniform", count: whole("uniform", count), alpha: 0 });

/** `count` items in proportion to (training interactions)^alpha. */
export const popularity = (count: number, { alpha = 0.75 }: { readonly alpha?: number } = {}): Drawn => {
  if (!Number.isFinite(alpha))
    throw new TwoTowerError("BAD_ARGUMENT", `popularity: alpha is ${alpha}; expected a number`);
  return { kind: "popularity", count: whole("popularity", count), alpha };
};

/** The batch's other positives and items drawn besides (mixed negative sampling, Yang et al. 2020). */
export function mixed(batch: Negatives, ...drawn: readonly Drawn[]): Negatives {
  if (batch.layout !== "shared")
    throw new TwoTowerError("BAD_ARGUMENT", "mixed: the first argument is inBatch(), then uniform(n) or popularity(n)");
  return { layout: "shared", drawn: [...batch.drawn, ...drawn] };
}

/** Negatives of every positive's own: each(uniform(3)) is the classical 1 : 3. */
export const each = (drawn: Drawn): Negatives => ({ layout: "own", drawn });

/** Every item of the catalogue is a candidate: the full softmax. */
export const allItems = (): Negatives => ({ layout: "all" });

function whole(name: string, count: number): number {
  if (!(Number.isInteger(count) && count > 0))
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      `${name}: ${count} is not a number of negatives; expected a whole number above 0`,
    );
  return count;
}
