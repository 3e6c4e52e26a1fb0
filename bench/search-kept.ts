import type { HnswOptions } from "../src/ann/hnsw.ts";
import type { Figure } from "./figure.ts";
import type { SearchData } from "./search-data.ts";
import { build, middle, numbers, searchAll } from "./search-measure.ts";

/** What keeping vectors as float32, as 16-bit floats or not at all gives: bytes an item, and the curve of recall. */
export function keptFigures(data: SearchData): Figure[] {
  const figures: Figure[] = [];
  for (const vectors of ["float32", "float16", "none"] satisfies HnswOptions["vectors"][]) {
    const { index } = build(data, { vectors });
    figures.push({ name: `search/kept/${vectors}`, value: index.byteLength / index.size, unit: "bytes/item" });
    for (const ef of [16, 32, 64, 128]) {
      const { qps, recall } = middle(numbers(6).map(() => searchAll(index, data, ef)));
      figures.push({ name: `search/kept/${vectors} ef ${ef}`, value: qps, unit: "queries/s", recall });
    }
  }
  return figures;
}
