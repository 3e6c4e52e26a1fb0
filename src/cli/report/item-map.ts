import { vectorRanker } from "../../evaluation/vector-ranker.ts";
import type { Cells } from "../../features/cells.ts";
import type { Schema } from "../../features/declare.ts";
import { namesIn } from "../../features/names.ts";
import type { DataSchema } from "../../io/data-schema.ts";
import type { TrainedModel } from "../../recall/trained-model.ts";
import type { Items } from "../items.ts";
import { principalPlane } from "./principal-axes.ts";
import type { ItemMap } from "./report-data.ts";

/** Points that a page shows and a mouse can tell apart. */
const MOST = 2000;
const NEAREST = 5;
/** Colours that can be told apart. */
const GROUPS = 7;

/** A map of the items: of a large catalogue as many as fit, evenly from the most to the least popular. */
export function mapOf(
  { network, on, options }: TrainedModel,
  popularity: Int32Array,
  items: Items,
  dataSchema: DataSchema,
): ItemMap {
  const { dimension } = options;
  const catalogue = on.items.table.count;
  const vectors = network.item.embed(on.items.table);
  const order = Array.from(popularity.keys()).sort((a, b) => popularity[b] - popularity[a] || a - b);
  const shown = Math.min(MOST, catalogue);
  const rows = Array.from({ length: shown }, (_, i) => order[Math.floor((i * catalogue) / shown)]);

  const own = new Float32Array(shown * dimension);
  rows.forEach((row, i) => {
    own.set(vectors.subarray(row * dimension, (row + 1) * dimension), i * dimension);
  });
  const { x, y, explained } = principalPlane(own, dimension);
  const ranker = vectorRanker(own, vectors, dimension);
  const [users, length] = [Int32Array.from(rows.keys()), Math.min(NEAREST + 1, catalogue)];
  const lists = ranker.rank(users, length, undefined);
  const cosines = ranker.scores(users, lists);

  const names = new Map<number, number>(); // item row → place among the names
  const named = (row: number): number => {
    if (!names.has(row)) names.set(row, names.size);
    return names.get(row)!;
  };
  const byX = Array.from(rows.keys()).sort((a, b) => x[a] - x[b]);
  const points = byX.map((i) => ({
    x: rounded(x[i]),
    y: rounded(y[i]),
    item: named(rows[i]),
    interactions: popularity[rows[i]],
    nearest: Array.from(lists.subarray(i * length, (i + 1) * length), (row, r) => [row, cosines[i * length + r]])
      .filter(([row]) => row !== rows[i])
      .slice(0, NEAREST)
      .map(([row, cosine]) => [named(row), rounded(cosine)] as const),
  }));
  const ids = byX.map((i) => on.items.ids.idOf(rows[i]));
  return {
    catalogue,
    dimension,
    explained,
    points,
    names: Array.from(names.keys(), (row) => {
      const id = on.items.ids.idOf(row);
      return items.get(id)?.name ?? id;
    }),
    colours: coloursOf(ids, items, dataSchema),
  };
}

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

/** What the items' categories and tags have to say: the most frequent values, each item in the first that it has. */
function coloursOf(ids: readonly string[], items: Items, { schema }: DataSchema): ItemMap["colours"] {
  return Object.entries(schema.item as Schema["item"]).flatMap(([by, declaration]) => {
    if (declaration.kind !== "category" && declaration.kind !== "tags") return [];
    const { column = by } = declaration;
    const cells: Cells = {
      table: "items",
      column,
      values: ids.map((id) => (items.get(id)?.row as { readonly [column: string]: unknown } | undefined)?.[column]),
    };
    const values = ids.map((_, i) => namesIn(declaration, cells, i).map(String));
    const counts = new Map<string, number>();
    for (const own of values) for (const value of own) counts.set(value, (counts.get(value) ?? 0) + 1);
    const groups = [...counts]
      .sort((a, b) => b[1] - a[1])
      .map(([value]) => value)
      .slice(0, GROUPS);
    if (groups.length < 2) return [];
    // The rarest of its groups says most about an item: half of all films are dramas too.
    return [{ by, groups, of: values.map((own) => Math.max(-1, ...own.map((value) => groups.indexOf(value)))) }];
  });
}
