import { describe, expect, test } from "vitest";
import { type Declaration, id } from "../../src/features/declare.ts";
import type { DataSchema } from "../../src/io/data-schema.ts";
import { declarationToJson } from "../../src/io/declaration-json.ts";
import { inferDataSchema } from "../../src/io/infer-schema.ts";
import { readTable } from "../../src/io/read-table.ts";
import { messageOfAsync } from "../features/messages.ts";
import { fileWith, folderForTests } from "./files.ts";

const folder = folderForTests();

async function infer(texts: { interactions: string; users?: string; items?: string }): Promise<DataSchema> {
  const table = async (role: keyof typeof texts) => {
    const text = texts[role];
    return text === undefined ? undefined : readTable(fileWith(folder, text, `${role}.csv`), { role });
  };
  return inferDataSchema({
    interactions: (await table("interactions"))!,
    users: await table("users"),
    items: await table("items"),
  });
}

describe("the columns of interactions", () => {
  test.each([
    [
      "userId,movieId,rating,timestamp\n1,2,3.5,881250949\n",
      { user: "userId", item: "movieId", rating: "rating", timestamp: "timestamp" },
    ],
    [
      "timestamp,visitor_id,event,item_id\n881250949,v,view,i\n",
      { user: "visitor_id", item: "item_id", timestamp: "timestamp" },
    ],
    [
      "reviewerID,asin,overall,unixReviewTime\nA1,B1,5.0,881250949\n",
      { user: "reviewerID", item: "asin", rating: "overall", timestamp: "unixReviewTime" },
    ],
    ["time,who,what\n2020-01-01,anna,tea\n", { user: "who", item: "what", timestamp: "time" }],
    ["who,what,time\nanna,tea,noon\n", { user: "who", item: "what" }],
    ["user,item,weight\nanna,tea,2\n", { user: "user", item: "item", weight: "weight" }],
  ])("%j", async (interactions, columns) => {
    expect((await infer({ interactions })).interactions).toEqual(columns);
  });
});

/** A column of 60 items as a feature, or undefined where it is none. */
async function featureOf(column: string, cell: (row: number) => string | number): Promise<unknown> {
  const rows = Array.from({ length: 60 }, (_, i) => `${i},"${cell(i)}"`);
  const { schema } = await infer({
    interactions: "user,item\n1,5\n1,6\n",
    items: `item,${column}\n${rows.join("\n")}\n`,
  });
  const { item: _, ...features } = schema.item;
  const [[name, declaration] = []] = Object.entries<Declaration>(features);
  return declaration && { name, ...declarationToJson(declaration, { user: { user: id() }, item: schema.item }) };
}

describe("users of whom nothing is known", () => {
  const featuresOf = async (texts: Parameters<typeof infer>[0]): Promise<unknown> => {
    const { schema } = await infer(texts);
    const [, ...others] = Object.entries<Declaration>(schema.user); // the id comes first
    return others.map(([name, declaration]) => [name, declarationToJson(declaration, schema)]);
  };
  const history = (max?: number): unknown => ({
    kind: "list",
    of: "item",
    ...(max && { max }),
    pool: "root",
    causal: false,
  });

  test("are known by what they chose", async () =>
    expect(await featuresOf({ interactions: "user,item\n1,5\n" })).toEqual([["history", history(200)]]));
  test("whatever their id is called", async () =>
    expect(await featuresOf({ interactions: "history,item\n1,5\n" })).toEqual([["chosen", history(200)]]));
  test("by less of it where every pair takes a reading", async () => {
    const items = `item,colour\n5,red\n6,green\n7,red\n8,green\n9,red\n10,red\n`;
    expect(await featuresOf({ interactions: "user,item\n1,5\n1,6\n", items })).toEqual([["history", history()]]);
  });
  test("are known by their features alone where they have some", async () => {
    const users = `user,country\n${Array.from({ length: 9 }, (_, i) => `${i},${"KR"[i % 2]}\n`).join("")}`;
    expect(await featuresOf({ interactions: "user,item\n1,5\n", users })).toEqual([["country", { kind: "category" }]]);
  });
});

describe("a column of items becomes", () => {
  test.each<[string, string, (row: number) => string | number, unknown]>([
    ["a category, of few values", "colour", (i) => ["red", "green"][i % 2], { name: "colour", kind: "category" }],
    ["a category, of few codes", "occupation", (i) => i % 20, { name: "occupation", kind: "category" }],
    ["tags, of values in bars", "genres", (i) => `g${i % 5}|g${i % 7}`, { name: "genres", kind: "tags" }],
    ["a number, of many values", "price", (i) => i / 4, { name: "price", kind: "number", bins: 10 }],
    [
      "a time, of many days",
      "added",
      (i) => `2020-01-01T00:00:${10 + (i % 50)}`,
      { name: "added", kind: "timestamp", bins: 10 },
    ],
    [
      "a year, of titles that end in one",
      "title",
      (i) => `Film ${i} (${1950 + i})`,
      { name: "year", kind: "number", column: "title", bins: 10, pattern: "\\((\\d{4})\\)\\s*$" },
    ],
    ["nothing, of other titles", "title", (i) => `Film ${i}`, undefined],
    ["nothing, of free text", "plot", (i) => `What happens in ${i}`, undefined],
    ["nothing, of one value", "shop", () => "ours", undefined],
    ["nothing, of other ids", "imdb", (i) => 1000 + i, undefined],
    ["nothing, of zip codes", "zip_code", (i) => 10000 + (i % 40) * 3, undefined],
    ["nothing, of codes with leading zeros that all differ", "place", (i) => `0${1000 + i}`, undefined],
  ])("%s", async (_, column, cell, feature) => {
    expect(await featureOf(column, cell)).toEqual(feature);
  });
});

describe("the id column of a table", () => {
  test("is the one that holds the ids of the interactions, whatever it is called", async () => {
    const { item } = await infer({
      interactions: "user,item\n1,0\n1,1\n2,2\n",
      items: "movie,m1_item,title\n1,0,One\n10,1,Ten\n20,2,Twenty\n",
    });
    expect(item).toEqual({ id: "m1_item", name: "title" });
  });

  test("must be there", async () => {
    const said = await messageOfAsync(infer({ interactions: "user,item\n1,a\n", items: "item,title\nx,Ex\ny,Why\n" }));
    expect(said.replaceAll(/\S+\/\d+-/g, "")).toBe(
      "BAD_FILE items.csv: no column tells all rows apart and has ids of interactions.csv in it; " +
        'its columns are "item", "title". Is it the right file, and is each id in it once?',
    );
  });
});
