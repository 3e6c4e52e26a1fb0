import fc from "fast-check";
import { expect, test } from "vitest";
import { Random } from "../../src/tensor/random.ts";
import { ByUser } from "../../src/training/by-user.ts";

const users = fc.array(fc.nat({ max: 9 }), { maxLength: 40 }).map((list) => Int32Array.from(list));

test("an epoch by user has every pair once, each user's together", () => {
  fc.assert(
    fc.property(users, fc.nat(), (given, seed) => {
      const order = new ByUser({ users: given }).shuffled(new Random(seed));
      expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from(given.keys()));
      const visits = Array.from(order, (pair) => given[pair]).filter((user, i, all) => i === 0 || user !== all[i - 1]);
      expect(new Set(visits).size).toBe(visits.length);
    }),
  );
});

test("the users come in another order every epoch", () => {
  const byUser = new ByUser({ users: Int32Array.from({ length: 50 }, (_, user) => user) });
  const random = new Random(1);
  expect(byUser.shuffled(random)).not.toEqual(byUser.shuffled(random));
});
