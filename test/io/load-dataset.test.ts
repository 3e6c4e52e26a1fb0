import { describe, expect, test } from "vitest";
import { encodeDataset } from "../../src/features/encode-dataset.ts";
import { fitSchema } from "../../src/features/fit-schema.ts";
import { parseDataSchema } from "../../src/io/data-schema.ts";
import { loadDataset } from "../../src/io/load-dataset.ts";
import { messageOfAsync } from "../features/messages.ts";
import { fileWith, folderForTests } from "./files.ts";

const folder = folderForTests();
const ratings = fileWith(
  folder,
  "who,what,stars,at\n1,a,5,2020-01-01\n2,a,2,2020-01-02\n1,b,4,2020-01-03\n",
  "ratings.csv",
);
const people = fileWith(folder, "id,sex,nick\n1,F,Ann\n2,M,\n", "people.csv");

const dataSchema = parseDataSchema(
  JSON.stringify({
    version: 1,
    interactions: { user: "who", item: "what", rating: "stars", minRating: 4, timestamp: "at" },
    users: {
      id: "id",
      name: "nick",
      features: { gender: { kind: "category", column: "sex" }, age: { kind: "number", optional: true } },
    },
  }),
  "schema.json",
);

describe("a dataset from files", () => {
  test("is what the schema says", async () => {
    const { data, names, belowMinRating } = await loadDataset({ interactions: ratings, users: people }, dataSchema);
    expect(data).toEqual({
      interactions: { who: ["1", "1"], what: ["a", "b"], timestamp: [1577836800, 1578009600] },
      users: { who: ["1", "2"], sex: ["F", "M"] },
      items: undefined,
    });
    expect(belowMinRating).toBe(1);
    expect([...names.user]).toEqual([
      ["1", "Ann"],
      ["2", "2"],
    ]);
    const { users, items } = encodeDataset(fitSchema(dataSchema.schema, data), data);
    expect([[...users.ids], [...items.ids]]).toEqual([
      ["1", "2"],
      ["a", "b"],
    ]);
  });

  test("takes users with their items on a line, whatever the schema calls its columns", async () => {
    const lines = fileWith(folder, "1 a b\n2 a\n", "lists.txt");
    const { data } = await loadDataset({ interactions: lines }, dataSchema);
    expect(data.interactions).toEqual({ who: ["1", "1", "2"], what: ["a", "b", "a"] });
  });

  test("tells how far each file is read", async () => {
    const files = new Set<string>();
    await loadDataset({ interactions: ratings, users: people }, dataSchema, (path) => files.add(path));
    expect([...files]).toEqual([ratings, people]);
  });
});

describe("what is wrong with a file is named by its line", () => {
  const said = async (interactions: string, users?: string): Promise<string> => {
    const files = {
      interactions: fileWith(folder, interactions, "r.csv"),
      users: users && fileWith(folder, users, "p.csv"),
    };
    return (await messageOfAsync(loadDataset(files, dataSchema))).replaceAll(/\S+\/\d+-/g, "");
  };
  test.each<[string, string, string | undefined, string]>([
    [
      "no id",
      "who,what,stars,at\n1,a,5,0\n,a,5,0\n",
      undefined,
      'r.csv, line 3, column "who" is empty: expected an id',
    ],
    [
      "no rating",
      "who,what,stars,at\n1,a,five,0\n",
      undefined,
      'r.csv, line 2, column "stars" is "five": expected a finite number, or nothing where it is missing',
    ],
    [
      "no time",
      "who,what,stars,at\n1,a,5,soon\n",
      undefined,
      'r.csv, line 2, column "at" is "soon": expected a time: seconds since 1970, or text like "2026-11-24T02:10:00Z"',
    ],
    [
      "a time in some rows only",
      "who,what,stars,at\n1,a,5,0\n1,b,5,\n",
      undefined,
      'r.csv, line 3, column "at" is empty, but other rows have a value: fill it in, or leave the column out of the schema',
    ],
    [
      "no number",
      "who,what,stars,at\n1,a,5,0\n",
      "id,sex,nick,age\n1,F,x,31\n2,F,y,old\n",
      'p.csv, line 3, column "age" is "old": expected a finite number, or nothing where it is missing',
    ],
    [
      "no column",
      "who,what,at\n1,a,5\n",
      undefined,
      'r.csv has no column "stars"; its columns are "who", "what", "at"',
    ],
    [
      "an id twice",
      "who,what,stars,at\n1,a,5,0\n",
      "id,sex,nick\n1,F,x\n2,M,y\n1,M,z\n",
      'p.csv, line 4, column "id" is "1", as line 2 has it: keep one row for each id',
    ],
    [
      "a feature's column",
      "who,what,stars,at\n1,a,5,0\n",
      "id,sexe,nick\n1,F,x\n",
      'p.csv has no column "sex" (did you mean "sexe"?); its columns are "id", "sexe", "nick"',
    ],
  ])("%s", async (_, interactions, users, message) => {
    expect(await said(interactions, users)).toBe(`BAD_FILE ${message}`);
  });
});
