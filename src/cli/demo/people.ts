import type { Schema } from "../../features/declare.ts";
import type { UserRow } from "../../features/rows.ts";
import type { Recaller } from "../../recall/recaller.ts";
import { type RankedItem, rankedItems } from "../recommendations.ts";
import type { CatalogueUser } from "./catalogue.ts";
import type { World } from "./world.ts";

/** A user, what is recommended to them, and what they chose before and afterwards. */
export interface Person {
  readonly user: CatalogueUser;
  /** Item ids, the latest first. */
  readonly before: readonly string[];
  readonly recommended: readonly (RankedItem & { readonly chosenLater: boolean })[];
}

/**
 * The first two users of the catalogue with a past and a future, and the first one who joins only afterwards: nobody
 * is picked because the list came out well. Of the new one the model knows country, age and gender, no more.
 */
export function people(world: World, recaller: Recaller<Schema>, k: number): Person[] {
  const before = itemsByUser(world.train);
  const after = itemsByUser(world.test);
  const { users } = world.catalogue;
  const known = users.filter(({ userId }) => before.has(userId) && after.has(userId)).slice(0, 2);
  const fresh = users.filter(({ userId }) => !before.has(userId) && after.has(userId)).slice(0, 1);
  return [...known, ...fresh].map((user) => {
    const chosen = new Set(after.get(user.userId));
    const ranked = rankedItems(recaller.recall({ ...user } as UserRow<Schema>, k), world.items);
    return {
      user,
      before: (before.get(user.userId) ?? []).toReversed(),
      recommended: ranked.map((item) => ({ ...item, chosenLater: chosen.has(item.id) })),
    };
  });
}

/** Item ids of each user, in order of time. */
function itemsByUser(interactions: World["train"]): Map<string, string[]> {
  const items = new Map<string, string[]>();
  for (const { userId, itemId } of interactions) {
    const own = items.get(userId);
    if (own) own.push(itemId);
    else items.set(userId, [itemId]);
  }
  return items;
}
