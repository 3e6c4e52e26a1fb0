import { category, type Declaration, tags } from "../features/declare.ts";
import { number, timestamp } from "../features/declare-number.ts";
import { type FileColumn, type FileTable, NO_VALUE } from "./file-table.ts";
import { isNumeric, isTime } from "./infer-columns.ts";
import { nounOf, wordsOf } from "./words.ts";

/** A value that comes up less often than this on average is hardly a category: there is nothing to learn from it. */
const LEAST_OFTEN = 3;
/** Numbers of so few kinds are more likely codes: an occupation from 0 to 20, the first year of an age group. */
const MOST_CODES = 30;
const BINS = 10;
/** A year in brackets at the end, as film titles have it. */
const YEAR = /\((\d{4})\)\s*$/;

const NOT_FEATURES = /^(zip|zipcode|postcode|phone|email|url|link|image|poster|description|summary|review)$/;
const NAMES = /^(title|name|label|headline)$/;

/** What can be learnt from the columns of a table of users or items, by name; and which column is a name to show. */
export function inferFeatures(
  table: FileTable,
  idColumn: string,
): { readonly features: Record<string, Declaration>; readonly name: string | undefined } {
  const columns = [...table.columns.values()].filter(({ name }) => name !== idColumn);
  const name = columns.find((column) => NAMES.test(nounOf(column.name)))?.name;
  const features = new Map<string, Declaration>();
  for (const column of columns) {
    const isName = column.name === name;
    const declaration = isName ? undefined : infer(column);
    if (declaration) features.set(column.name, declaration);
    else if (endsInYears(column) && !table.columns.has("year") && !features.has("year"))
      features.set("year", number({ bins: BINS, column: column.name, pattern: YEAR }));
  }
  return { features: Object.fromEntries(features), name };
}

function infer(column: FileColumn): Declaration | undefined {
  const { distinct } = column;
  const filled = column.codes.reduce((count, code) => count + (code === NO_VALUE ? 0 : 1), 0);
  if (distinct.size < 2 || wordsOf(column.name).some((word) => NOT_FEATURES.test(word))) return undefined; // a constant says nothing
  const separator = separatorOf(column);
  if (separator !== undefined) return isVocabulary(column, separator) ? tags({ separator }) : undefined;
  const isNumber = isNumeric(column);
  if (isNumber && isNumbering(column, filled)) return undefined;
  if (isNumber && distinct.size > MOST_CODES) return number({ bins: BINS });
  if (filled / distinct.size >= LEAST_OFTEN) return category();
  if (isNumber) return number({ bins: BINS });
  return isDate(column) ? timestamp({ bins: BINS }) : undefined;
}

/** Whether the numbers only tell rows apart, as the ids of another catalogue do. */
function isNumbering({ distinct }: FileColumn, filled: number): boolean {
  return distinct.size === filled && Array.from(distinct, Number).every(Number.isInteger);
}

/** Whether the texts are times, and written as such: digits alone could be any code. */
const isDate = (column: FileColumn): boolean =>
  isTime(column) && Array.from(column.distinct).every((text) => Number.isNaN(Number(text)));

/** What separates the values within the cells of a column of tags; undefined if the cells hold one value each. */
function separatorOf(column: FileColumn): string | undefined {
  if (column.isList) return "|";
  if (column.type === "token_seq" || column.type === "float_seq") return " ";
  let several = 0;
  for (const text of column.distinct) if (text.includes("|")) several++;
  return several >= column.distinct.size / 10 ? "|" : undefined;
}

/** Whether tags come up again and again, as genres do and the words of titles do not. */
function isVocabulary(column: FileColumn, separator: string): boolean {
  const kinds = new Set<string>();
  let count = 0;
  for (const cell of column.cells())
    for (const tag of typeof cell === "string" ? cell.split(separator) : (cell ?? [])) {
      kinds.add(tag);
      count++;
    }
  return kinds.size > 1 && count / kinds.size >= LEAST_OFTEN;
}

/** Whether at least four texts in five end in a year in brackets. */
function endsInYears({ distinct, isList }: FileColumn): boolean {
  if (isList) return false;
  let years = 0;
  for (const text of distinct) if (YEAR.test(text)) years++;
  return years > 0 && years >= distinct.size * 0.8;
}
