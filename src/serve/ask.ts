import { LARGEST_K } from "../ann/arguments.ts";
import type { Condition, Where } from "../ann/vector-index.ts";
import type { Features, Key, Schema } from "../features/declare.ts";
import { show } from "../features/options.ts";
import { idOf as idOfSide } from "../features/sides.ts";
import { didYouMean, quoted } from "../features/suggest.ts";
import type { RecallOptions } from "../recall/recaller.ts";
import { isObject, type JsonObject } from "./read-request.ts";
import { badRequest } from "./refusal.ts";

// What a request asks for, out of its JSON. Every slip is told by the name the client knows.

/** What narrows a recall and a search for similar items alike. */
export const NARROWING: readonly string[] = ["k", "exclude", "filter", "where", "ef"];

/** Refuses names that are not asked for: what is misspelt would be left out without a word. */
export function expectNames(asked: JsonObject, known: readonly string[]): void {
  for (const name of Object.keys(asked))
    if (!known.includes(name))
      throw badRequest(`there is no parameter "${name}"${didYouMean(name, known)}; there are ${quoted(known)}`);
}

export function narrowing(asked: JsonObject): { readonly k: number; readonly options: RecallOptions } {
  const { k = 10, ef, exclude = [], filter, where, includeSeen } = asked;
  if (includeSeen !== undefined && typeof includeSeen !== "boolean")
    throw badRequest(`includeSeen is ${show(includeSeen)}; expected true or false`);
  const options: RecallOptions = {
    exclude: ids("exclude", exclude),
    ...(ef !== undefined && { ef: whole("ef", ef) }),
    ...(filter !== undefined && { filter: new Set(ids("filter", filter)) }),
    ...(where !== undefined && { where: conditions(where) }),
    ...(includeSeen && { includeSeen }),
  };
  return { k: whole("k", k), options };
}

function whole(name: string, value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= LARGEST_K) return value;
  throw badRequest(`${name} is ${show(value)}; expected a whole number from 1 to ${LARGEST_K}`);
}

/**
 * An id as text, which is what ids are in a model: 42 and "42" are the same. A whole number beyond 2⁵³ has lost digits
 * before anybody could look at it, and would name somebody else.
 */
export function idOf(name: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  if (typeof value !== "number" || !Number.isFinite(value))
    throw badRequest(`${name} is ${value === undefined ? "missing" : show(value)}; expected an id, text or a number`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    throw badRequest(`${name} is a number beyond 2^53, which JSON does not carry exactly; write the id as text`);
  return String(value);
}

function ids(name: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.map((id, i) => idOf(`${name}[${i}]`, id));
  throw badRequest(`${name} is ${show(value)}; expected a list of ids`);
}

/** Conditions on attributes. Which there are, and of what kind, the index knows. */
function conditions(value: unknown): Where {
  if (!isObject(value)) throw badRequest(`where is ${show(value)}; expected an object such as {"genre":"Comedy"}`);
  for (const [name, condition] of Object.entries(value))
    if (condition === null)
      throw badRequest(`where.${name} is null; expected a value, a list of them or {"min":…,"max":…}`);
  return value as Record<string, Condition>;
}

/** Somebody known, by id, or anybody, by a row of features: what it does not say is missing, what nobody reads is a slip. */
export function userOf(value: unknown, schema: Schema): Key | JsonObject {
  if (!isObject(value)) return idOf("user", value);
  const columns = columnsOf(schema.user);
  for (const column of Object.keys(value))
    if (!columns.includes(column))
      throw badRequest(
        `user: the model knows no column "${column}"${didYouMean(column, columns)}; it reads ${quoted(columns)}`,
      );
  const { column: idColumn } = idOfSide(schema, "user");
  const id =
    Object.hasOwn(value, idColumn) && value[idColumn] !== null ? idOf(`user.${idColumn}`, value[idColumn]) : undefined;
  if (id !== undefined && Object.keys(value).length === 1) return id; // all that is known of them stands in the model
  return { ...withNulls(columns, value), ...(id !== undefined && { [idColumn]: id }) };
}

/** Rows of items to add. Other columns than the model's may be attributes of the index. */
export function itemRows(value: unknown, schema: Schema): JsonObject[] {
  if (!Array.isArray(value) || value.length === 0) {
    const is = value === undefined ? "missing" : Array.isArray(value) ? "empty" : show(value);
    throw badRequest(`items is ${is}; expected a list of rows`);
  }
  const columns = columnsOf(schema.item);
  const { column: idColumn } = idOfSide(schema, "item");
  const seen = new Set<string>();
  return value.map((row, i) => {
    if (!isObject(row)) throw badRequest(`items[${i}] is ${show(row)}; expected an object of columns`);
    const id = idOf(`items[${i}].${idColumn}`, Object.hasOwn(row, idColumn) ? row[idColumn] : undefined);
    if (seen.has(id))
      throw badRequest(`items[${i}].${idColumn} is ${show(id)}, as in a row before it; expected each id once`);
    seen.add(id);
    return { ...withNulls(columns, row), [idColumn]: id };
  });
}

const withNulls = (columns: readonly string[], row: JsonObject): JsonObject => ({
  ...Object.fromEntries(columns.map((column) => [column, null])),
  ...row,
});

const columnsOf = (features: Features): string[] => Object.entries(features).map(([name, { column = name }]) => column);
