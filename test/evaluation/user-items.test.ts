import fc from "fast-check";
import { expect, test } from "vitest";
import { itemCounts, itemUsers, overlap, union, usersWithItems } from "../../src/evaluation/user-items.ts";
import { task, toLists, userItems } from "./arbitraries.ts";

test("the union has the items of either, once and ascending; the overlap counts those of both", () => {
  const lists = fc.array(fc.array(fc.nat(12)), { maxLength: 6 });
  fc.assert(
    fc.property(lists, lists, (a, b) => {
      const expected = Array.from({ length: Math.max(a.length, b.length) }, (_, u) =>
        [...new Set([...(a[u] ?? []), ...(b[u] ?? [])])].sort((x, y) => x - y),
      );
      expect(toLists(union(userItems(a), userItems(b)))).toEqual(expected);
      const both = a.flatMap((list, u) => [...new Set(list)].filter((item) => b[u]?.includes(item)));
      expect(overlap(userItems(a), userItems(b))).toBe(both.length);
    }),
  );
});

test("items' users are the same pairs turned round", () => {
  fc.assert(
    fc.property(task, ({ train, itemCount, userCount }) => {
      const turned = itemUsers(train, itemCount);
      expect(toLists(itemUsers(turned, userCount))).toEqual(toLists(train));
      expect([...itemCounts(train, itemCount)]).toEqual(toLists(turned).map((users) => users.length));
    }),
  );
});

test("users with items", () => {
  expect([...usersWithItems(userItems([[1], [], [0, 2]]))]).toEqual([0, 2]);
});
