import { type Cells, readCategory, readId, readNames } from "./cells.ts";
import { codedOf } from "./coded.ts";
import { type Column, MISSING } from "./columns.ts";
import type { CategoryFeature, IdFeature, Key, ListFeature, TagsFeature } from "./declare.ts";
import { ValueCounts, type Vocabulary } from "./vocabulary.ts";

/** Declarations whose cells hold names, which have embedding rows by a vocabulary. */
export type NamesDeclaration = IdFeature | CategoryFeature | TagsFeature | ListFeature;

/** Learns the vocabulary of a column. Throws BAD_ROW on a cell it cannot read. */
export function learnNames(declaration: NamesDeclaration, cells: Cells): ValueCounts {
  const counts = new ValueCounts();
  const coded = declaration.kind === "id" && codedOf(cells.values);
  if (coded) {
    const times = new Uint32Array(coded.ids.size);
    for (let row = 0; row < coded.codes.length; row++) times[coded.codes[row]]++;
    let code = 0;
    for (const id of coded.ids) counts.add(id, times[code++]);
    return counts;
  }
  for (let row = 0; row < cells.values.length; row++)
    for (const name of namesIn(declaration, cells, row)) counts.add(name);
  return counts;
}

/** Embedding rows of a column's names. Throws BAD_ROW on a cell it cannot read. */
export function encodeNames(declaration: NamesDeclaration, vocabulary: Vocabulary, cells: Cells): Column {
  const count = cells.values.length;
  if (declaration.kind === "id" || declaration.kind === "category") {
    const rows = new Int32Array(count);
    for (let row = 0; row < count; row++) {
      const [name] = namesIn(declaration, cells, row);
      rows[row] = name === undefined ? MISSING : vocabulary.rowOf(name);
    }
    return { kind: "index", rows };
  }
  const offsets = new Int32Array(count + 1);
  const rows: number[] = [];
  for (let row = 0; row < count; row++) {
    const names = namesIn(declaration, cells, row);
    for (const name of names) rows.push(vocabulary.rowOf(name));
    // To have no tags says something a tower can learn; no history is simply a history of length 0.
    if (names.length === 0 && declaration.kind === "tags") rows.push(MISSING);
    offsets[row + 1] = rows.length;
  }
  return { kind: "bag", offsets, rows: Int32Array.from(rows) };
}

/** The names in a cell, as vocabularies count them. Throws BAD_ROW if it cannot be read. */
export function namesIn(declaration: NamesDeclaration, cells: Cells, row: number): readonly Key[] {
  switch (declaration.kind) {
    case "id":
      return [readId(cells, row)];
    case "category": {
      const name = readCategory(cells, row, declaration.pattern);
      return name === undefined ? [] : [name];
    }
    case "tags":
      return readNames(cells, row, declaration.separator);
    case "list":
      return readNames(cells, row, declaration.separator).slice(-declaration.max); // the last are the most recent
  }
}
