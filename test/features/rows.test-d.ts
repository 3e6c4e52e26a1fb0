import { describe, expectTypeOf, test } from "vitest";
import {
  category,
  type Features,
  id,
  type Key,
  list,
  type Missing,
  type Schema,
  tags,
} from "../../src/features/declare.ts";
import { number, type Time, timestamp } from "../../src/features/declare-number.ts";
import { fitSchema } from "../../src/features/fit-schema.ts";
import type { Dataset, InteractionRow, ItemRow, OneIdEach, UserRow } from "../../src/features/rows.ts";

const movieId = id();
const schema = {
  user: {
    userId: id({ column: "user_id" }),
    gender: category(),
    age: number({ bins: 8, optional: true }),
    joined: timestamp(),
    history: list(movieId, { max: 20 }),
  },
  item: {
    movieId,
    genres: tags(),
    year: number({ column: "title", pattern: /\((\d{4})\)$/ }),
  },
};
type S = typeof schema;

describe("the schema is the type of the rows", () => {
  test("of users", () => {
    expectTypeOf<UserRow<S>>().toEqualTypeOf<{
      readonly user_id: Key;
      readonly gender: Key | boolean | Missing;
      readonly joined: Time | Missing;
      readonly age?: number | Missing;
      readonly history?: readonly Key[] | string | Missing;
    }>();
  });

  test("of items", () => {
    expectTypeOf<ItemRow<S>>().toEqualTypeOf<{
      readonly movieId: Key;
      readonly genres: readonly Key[] | string | Missing;
      readonly title: string | Missing;
    }>();
  });

  test("of interactions", () => {
    expectTypeOf<InteractionRow<S>>().toEqualTypeOf<{
      readonly user_id: Key;
      readonly movieId: Key;
      readonly timestamp?: Time;
      readonly weight?: number;
    }>();
  });

  test("also where it is written within a call", () => {
    const rowOf = <const U extends Features>(user: U): UserRow<{ user: U; item: Features }> => user as never;
    expectTypeOf(
      rowOf({
        userId: id({ column: "uid" }),
        age: number({ optional: true }),
        city: category(),
        history: list(movieId),
      }),
    ).toEqualTypeOf<{
      readonly uid: Key;
      readonly age?: number | Missing;
      readonly city: Key | boolean | Missing;
      readonly history?: readonly Key[] | string | Missing;
    }>();
  });

  test("and a schema read at run time has rows of any columns", () => {
    expectTypeOf<UserRow<Schema>>().toExtend<{ readonly [column: string]: unknown }>();
    expectTypeOf<{ anything: string }>().toExtend<UserRow<Schema>>();
  });
});

describe("what does not fit does not compile", () => {
  const good: Dataset<S>["users"] = [{ user_id: 1, gender: "F", joined: 0 }];
  void good;

  test("a misspelt column", () => {
    // @ts-expect-error: gendre
    const rows: Dataset<S>["users"] = [{ user_id: 1, gendre: "F", joined: 0 }];
    // @ts-expect-error: gendre, although gender is there
    const more: Dataset<S>["users"] = [{ user_id: 1, gender: "F", gendre: "F", joined: 0 }];
    // @ts-expect-error: movieid
    const pairs: Dataset<S>["interactions"] = [{ user_id: 1, movieid: 2 }];
    void [rows, more, pairs];
  });

  test("a missing column, a value of another type, a missing id", () => {
    // @ts-expect-error: no gender
    const rows: Dataset<S>["users"] = [{ user_id: 1, joined: 0 }];
    // @ts-expect-error: age is a number
    const ages: Dataset<S>["users"] = [{ user_id: 1, gender: null, joined: 0, age: "31" }];
    // @ts-expect-error: an id is never null
    const ids: Dataset<S>["users"] = [{ user_id: null, gender: null, joined: 0 }];
    void [rows, ages, ids];
  });

  test("a misspelt option", () => {
    // @ts-expect-error: dimnsion
    expectTypeOf(() => category({ dimnsion: 8 })).toBeFunction();
    // @ts-expect-error: scale or bins
    expectTypeOf(() => number({ scale: "log", bins: 4 })).toBeFunction();
  });

  test("a side with no id, or two", () => {
    const check = <const T extends Schema>(schema: T & OneIdEach<T>): void => void schema;
    expectTypeOf(() => check({ user: { userId: id() }, item: { movieId } })).toBeFunction();
    // @ts-expect-error: this side needs an id() feature
    expectTypeOf(() => check({ user: { age: number() }, item: { movieId } })).toBeFunction();
    // @ts-expect-error: this side has more than one id() feature
    expectTypeOf(() => check({ user: { userId: id(), other: id() }, item: { movieId } })).toBeFunction();
  });
});

test("rows may come as columns, of typed arrays too", () => {
  expectTypeOf(() =>
    fitSchema(schema, {
      interactions: { user_id: new Int32Array(2), movieId: [1, 2], timestamp: new Float64Array(2) },
    }),
  ).toBeFunction();
  expectTypeOf(() =>
    // @ts-expect-error: movieid
    fitSchema(schema, { interactions: { user_id: new Int32Array(2), movieid: [1, 2] } }),
  ).toBeFunction();
});
