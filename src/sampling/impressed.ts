import { TwoTowerError } from "../errors.ts";
import { countOf, type OwnSource } from "./negatives.ts";
import { someOf } from "./some-of.ts";

/** `count` for every positive of what its user was shown and did not choose: rows of the data's `impressions`. */
export const impressed = (count: number): OwnSource => ({
  kind: "impressed",
  count: countOf("impressed", count),
  build({ impressions }) {
    if (!impressions)
      throw new TwoTowerError(
        "BAD_ARGUMENT",
        "negatives are to come from impressed(), but the data have none: add impressions to { users, items, interactions }",
      );
    const { offsets, items } = impressions;
    return { draw: (user, random) => someOf(items.slice(offsets[user], offsets[user + 1]), count, random) };
  },
});
