import { gzipSync } from "node:zlib";
import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, test } from "vitest";
import { type ReadOptions, readTable } from "../../src/io/read-table.ts";
import { messageOfAsync } from "../features/messages.ts";
import { columnsOf, fileWith, folderForTests } from "./files.ts";

const folder = folderForTests();
const read = async (content: string | Uint8Array, name?: string, options?: ReadOptions) =>
  columnsOf(await readTable(fileWith(folder, content, name), options));

describe("formats", () => {
  const pairs = { user: ["1", "2"], item: ["10", "20"] };
  test.each<[string, string, string, Record<string, unknown[]>]>([
    [
      "CSV with a header",
      "a.csv",
      'userId,title\n1,"One, ""two"""\n2,Three\n',
      { userId: ["1", "2"], title: ['One, "two"', "Three"] },
    ],
    ["CSV with line breaks in quotes", "a.csv", 'id,text\n1,"a\nb"\n2,c', { id: ["1", "2"], text: ["a\nb", "c"] }],
    ["CSV from Windows", "a.csv", "user,item\r\n1,10\r\n2,20\r\n", pairs],
    ["CSV with semicolons", "a.csv", "user;item\n1;10\n2;20\n", pairs],
    ["CSV with blank lines and spaces", "a.csv", "user,item\n\n1, 10 \n2,20\n\n", pairs],
    ["CSV that ends each row in a comma", "a.csv", "user,item\n1,10,\n2,20,\n", pairs],
    [
      "TSV, where quotes mean nothing",
      "a.tsv",
      'id\ttitle\n1\t"Great" Cats\n2\t"All of it"\n',
      { id: ["1", "2"], title: ['"Great" Cats', "All of it"] },
    ],
    ["TSV with a typed header", "a.item", "user:token\titem:token\n1\t10\n2\t20\n", pairs],
    [
      "two colons, without a header",
      "a.dat",
      "1::10::5\n2::20::3\n",
      { user: ["1", "2"], item: ["10", "20"], rating: ["5", "3"] },
    ],
    ["pairs separated by spaces", "a.txt", "1 10\n1 20\n", { user: ["1", "1"], item: ["10", "20"] }],
    [
      "a user and its items on a line",
      "a.txt",
      "1 10 20 30\n2 10\n",
      { user: ["1", "1", "1", "2"], item: ["10", "20", "30", "10"] },
    ],
    [
      "JSON lines",
      "a.jsonl",
      '{"user":1,"item":"10"}\n\n{"user":2,"item":"20","deep":{}}\n',
      { ...pairs, deep: [null, null] },
    ],
    [
      "JSON lines with lists",
      "a.jsonl",
      '{"id":1,"tags":["a",2]}\n{"id":2}\n',
      { id: ["1", "2"], tags: [["a", "2"], null] },
    ],
    ["an empty cell", "a.csv", "user,age\n1,\n2,5\n", { user: ["1", "2"], age: [null, "5"] }],
  ])("%s", async (_, name, text, columns) => {
    expect(await read(text, name, { role: "interactions" })).toEqual(columns);
    expect(await read(gzipSync(text), `${name}.gz`, { role: "interactions" })).toEqual(columns);
  });

  test("any table comes back from CSV", async () => {
    const cell = fc
      .string({ unit: fc.constantFrom("a", "ß", "🎬", ",", '"', "\n", ";", "1", " ", "|", ":") })
      .map((text) => text.trim());
    const table = fc
      .integer({ min: 2, max: 4 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
      );
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const names = rows[0].map((_, i) => `c${i}`);
        const columns = await read(Papa.unparse([names, ...rows], { newline: "\n" }), "a.csv", {
          header: true,
          format: "csv",
        });
        expect(columns).toEqual(Object.fromEntries(names.map((name, i) => [name, rows.map((row) => row[i] || null)])));
      }),
      { numRuns: 50 },
    );
  });

  test("a file longer than the pieces it is read in", async () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => `${i},"${i * 7}"`);
    const table = await readTable(fileWith(folder, `user,item\n${rows.join("\n")}\n`));
    expect([table.count, table.column("item").cells().at(-1), table.column("user").placeOf(49_999)]).toEqual([
      50_000,
      "349993",
      `${table.path}, line 50001, column "user"`,
    ]);
  });
});

describe("headers", () => {
  test("names the caller gives stand for a missing header", async () => {
    expect(await read("1,F\n2,M\n", "a.csv", { columns: ["id", "gender"] })).toEqual({
      id: ["1", "2"],
      gender: ["F", "M"],
    });
    expect(await read("x,y\n2,M\n", "a.csv", { columns: ["id", "gender"], header: true })).toEqual({
      id: ["2"],
      gender: ["M"],
    });
  });

  test.each<[string, string, ReadOptions["role"], string[]]>([
    ["interactions with times", "1,2,881250949\n", "interactions", ["user", "item", "timestamp"]],
    [
      "interactions with ratings and times",
      "1,2,5,881250949\n",
      "interactions",
      ["user", "item", "rating", "timestamp"],
    ],
    ["MovieLens users", "1::F::1::10::48067\n", "users", ["user", "gender", "age", "occupation", "zip"]],
    ["older MovieLens users", "1|24|M|technician|85711\n", "users", ["user", "age", "gender", "occupation", "zip"]],
    ["MovieLens movies", "1::Toy Story (1995)::Animation|Comedy\n", "items", ["item", "title", "genres"]],
    ["other items", "1,red,5\n", "items", ["item", "column2", "column3"]],
    ["anything", "1,2,3\n", undefined, ["column1", "column2", "column3"]],
    ["ids that are words", "u1,i1\nu2,i2\n", "interactions", ["user", "item"]],
    ["a header of ids that are words", "who,what\nanna,tea\n", "interactions", ["who", "what"]],
  ])("%s", async (_, text, role, names) => {
    expect(Object.keys(await read(text, "a.dat", { role }))).toEqual(names);
  });
});

describe("characters", () => {
  const title = "Misérables, Les";
  test.each<[string, Uint8Array]>([
    ["UTF-8", Buffer.from(`1\t${title}\n`)],
    ["UTF-8 with a byte order mark", Buffer.from(`\ufeff1\t${title}\n`)],
    ["ISO-8859-1", Buffer.from(`1\t${title}\n`, "latin1")],
    ["UTF-16 with a byte order mark", Buffer.from(`\ufeff1\t${title}\n`, "utf16le")],
  ])("%s", async (_, bytes) => {
    expect(await read(bytes, "a.tsv", { columns: ["id", "title"] })).toEqual({ id: ["1"], title: [title] });
  });

  test("ISO-8859-1 is noticed however late it shows", async () => {
    const text = `${"1\ta\n".repeat(60_000)}2\té\n`;
    const table = await readTable(fileWith(folder, Buffer.from(text, "latin1"), "a.tsv"), { columns: ["id", "title"] });
    expect([table.count, table.column("title").cells().at(-1)]).toEqual([60_001, "é"]);
  });
});

describe("what cannot be read is named, with its line", () => {
  const said = async (content: string | Uint8Array, name = "rows.csv", options?: ReadOptions): Promise<string> => {
    const path = fileWith(folder, content, name);
    return (await messageOfAsync(readTable(path, options))).replaceAll(path, "FILE");
  };
  test.each<[string, string | Uint8Array, string, string]>([
    ["nothing", "", "a.csv", "BAD_FILE FILE is empty"],
    ["nothing, compressed", gzipSync(""), "a.csv.gz", "BAD_FILE FILE is empty"],
    ["blank lines", "\n \n", "a.csv", "BAD_FILE FILE is empty: it has no rows"],
    ["a header alone", "user,item\n", "a.csv", "BAD_FILE FILE is empty: it has a header but no rows"],
    [
      "too few fields",
      "user,item,rating\n1,2,3\n4,5\n",
      "a.csv",
      'BAD_FILE FILE, line 3: 2 fields, expected 3: "user", "item", "rating"',
    ],
    [
      "too few fields after a field of two lines",
      'id,text,n\n1,"a\nb",1\n5\n',
      "a.csv",
      'BAD_FILE FILE, line 4: 1 field, expected 3: "id", "text", "n"',
    ],
    [
      "too many fields",
      "user,item\n1,2,3\n4,5\n",
      "a.csv",
      'BAD_FILE FILE, line 2: 3 fields, expected 2: "user", "item". A field that contains the separator must be in quotes',
    ],
    ["two columns of a name", "id,id\n1,2\n", "a.csv", 'BAD_FILE FILE has two columns of the same name: "id", "id"'],
    [
      "a quote in quotes",
      'id,text\n1,"a" b\n2,c\n',
      "a.csv",
      'BAD_FILE FILE, line 2: a quoted field is not closed, or has a quote inside that is not doubled ("")',
    ],
    [
      "a quote that is never closed",
      'id,text\n1,"a\n2,c\n',
      "a.csv",
      'BAD_FILE FILE, line 2: a quoted field is not closed, or has a quote inside that is not doubled ("")',
    ],
    [
      "a gzip cut short",
      gzipSync("user,item\n1,2\n").subarray(0, 25),
      "a.csv.gz",
      "BAD_FILE FILE is cut short: its gzip data ends too early. Copy or download it again",
    ],
    [
      "a damaged gzip",
      Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 255, 255, 255]),
      "a.csv.gz",
      "BAD_FILE FILE is damaged: its gzip data makes no sense. Copy or download it again",
    ],
    [
      "bytes that are no text",
      Buffer.from([80, 65, 82, 49, 0, 0, 1]),
      "a.parquet",
      'BAD_FILE FILE is not text: expected CSV, TSV, "::"-separated or JSON lines, gzip or not',
    ],
    [
      "a JSON list",
      '[{"a":1}]',
      "a.json",
      "BAD_FILE FILE is a JSON list: write one JSON object a line instead (JSON lines)",
    ],
    [
      "broken JSON",
      '{"a":1}\n{"a":\n',
      "a.jsonl",
      "BAD_FILE FILE, line 2: this is not JSON. Expected one JSON object a line",
    ],
    [
      "a number JSON cannot hold",
      '{"id":12345678901234567890}\n',
      "a.jsonl",
      'BAD_FILE FILE, line 1: "id" is 12345678901234567000: JSON numbers past 2^53 lose digits. Write it as text, in quotes',
    ],
    [
      "now a list, now not",
      '{"a":["x"]}\n{"a":"x"}\n',
      "a.jsonl",
      'BAD_FILE FILE, line 2: "a" is "x", but was a list in lines before',
    ],
  ])("%s", async (_, content, name, message) => {
    expect(await said(content, name)).toBe(message);
  });

  test("a missing file, a folder", async () => {
    expect(await messageOfAsync(readTable(`${folder}/none.csv`))).toBe(
      `BAD_FILE ${folder}/none.csv does not exist: check the path`,
    );
    expect(await messageOfAsync(readTable(folder))).toBe(`BAD_FILE ${folder} is a folder: give a file in it`);
  });

  test("names for another number of columns", async () => {
    expect(await said("1,2,3\n", "a.csv", { columns: ["user", "item"] })).toBe(
      'BAD_FILE FILE has 3 columns, but 2 names were given for them: "user", "item"',
    );
  });

  test("a column that is not there, a number that is none", async () => {
    const table = await readTable(fileWith(folder, "user,rating\n1,5\n2,NaN\n"));
    const said = async (run: () => unknown) =>
      (await messageOfAsync((async () => run())())).replaceAll(table.path, "FILE");
    expect(await said(() => table.column("ratings"))).toBe(
      'BAD_FILE FILE has no column "ratings" (did you mean "rating"?); its columns are "user", "rating"',
    );
    expect(await said(() => table.column("rating").numbers())).toBe(
      'BAD_FILE FILE, line 3, column "rating" is "NaN": expected a finite number, or nothing where it is missing',
    );
  });
});

test("reading tells how far it is, in bytes on the disk", async () => {
  const bytes = gzipSync("user,item\n1,2\n");
  const told: [number, number][] = [];
  await readTable(fileWith(folder, bytes, "a.csv.gz"), { onBytes: (...progress) => told.push(progress) });
  expect(told.at(-1)).toEqual([bytes.length, bytes.length]);
});
