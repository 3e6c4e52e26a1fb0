import { leaveOneOut, randomSplit, take, temporalSplit } from "../evaluation/split.ts";
import type { Schema } from "../features/declare.ts";
import { encodeInteractions } from "../features/encode-dataset.ts";
import type { FittedSchema } from "../features/fitted-schema.ts";
import type { Interactions } from "../features/interactions.ts";
import type { InteractionRow, RowsOf } from "../features/rows.ts";
import type { TrainedOn } from "../model/state.ts";

/** What to hold out of the interactions to choose the epoch on. */
export type HoldOut<S extends Schema> =
  /** Rows of the caller's own. */
  | RowsOf<InteractionRow<S>>
  /** Each user's last interaction. */
  | "leave-one-out"
  /** A share of the interactions: the latest where there are timestamps, else drawn at random. */
  | number;

/** Splits interactions into those to learn from and those to choose the epoch on. */
export function holdOut<S extends Schema>(
  fitted: FittedSchema,
  all: Interactions,
  users: TrainedOn["users"]["ids"],
  items: TrainedOn["items"]["ids"],
  validation: HoldOut<S> | undefined,
  seed: number,
): { train: Interactions; validation?: Interactions } {
  if (validation === undefined) return { train: all };
  if (typeof validation === "number") {
    const share = { testShare: validation, seed };
    const split = all.timestamps ? temporalSplit(all, share) : randomSplit(all.users.length, share);
    return { train: take(all, split.train), validation: take(all, split.test) };
  }
  if (validation === "leave-one-out") {
    const split = leaveOneOut(all);
    return { train: take(all, split.train), validation: take(all, split.test) };
  }
  return { train: all, validation: encodeInteractions(fitted, validation, users, items, { unknown: "skip" }) };
}
