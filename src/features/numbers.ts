import { binOf, quantileEdges } from "./bins.ts";
import { type Cells, readNumber, readTime } from "./cells.ts";
import { type Column, FIRST_KNOWN, MISSING } from "./columns.ts";
import type { AgeFeature, NumberFeature, TimestampFeature } from "./declare-number.ts";
import { fitScaling, type Scaling, scaled } from "./scaling.ts";

/** Declarations whose cells hold numbers. */
export type NumbersDeclaration = NumberFeature | TimestampFeature | AgeFeature;

/** What fitting learnt about a column of numbers: how to scale it, or where to cut it into bins. */
export type NumberEncoding = Scaling | { readonly scale: "bins"; readonly edges: readonly number[] };

/** Learns how to encode a column. Throws BAD_ROW on a cell it cannot read. */
export function learnNumbers(declaration: NumbersDeclaration, cells: Cells): NumberEncoding {
  const numbers = numbersIn(declaration, cells);
  const { bins, scale, powers } = declaration;
  if (bins === undefined) return { ...fitScaling(scale ?? "standard", numbers), ...(powers && { powers }) };
  return { scale: "bins", edges: typeof bins === "number" ? quantileEdges(numbers, bins) : bins };
}

/** The scaling of the ages of examples: 0 at the latest of their times, and where none is given; 1 at the earliest. */
export function learnAges({ powers }: AgeFeature, timestamps: Float64Array): Scaling {
  const earliest = timestamps.reduce((least, t) => Math.min(least, t), Infinity);
  const latest = timestamps.reduce((most, t) => Math.max(most, t), -Infinity);
  const spread = earliest - latest || 1;
  return { scale: "min-max", centre: latest, spread, missing: 0, indicator: false, ...(powers && { powers }) };
}

/** Numbers scaled, or the embedding rows of their bins. Throws BAD_ROW on a cell it cannot read. */
export function encodeNumbers(declaration: NumbersDeclaration, encoding: NumberEncoding, cells: Cells): Column {
  const numbers = numbersIn(declaration, cells);
  if (encoding.scale !== "bins") return scaled(encoding, numbers);
  const rows = new Int32Array(numbers.length);
  for (let row = 0; row < rows.length; row++)
    rows[row] = Number.isNaN(numbers[row]) ? MISSING : FIRST_KNOWN + binOf(encoding.edges, numbers[row]);
  return { kind: "index", rows };
}

/** The numbers of a column, NaN where they are missing; times are seconds since 1970. */
function numbersIn(declaration: NumbersDeclaration, cells: Cells): Float64Array {
  const numbers = new Float64Array(cells.values.length);
  for (let row = 0; row < numbers.length; row++)
    numbers[row] =
      declaration.kind === "number"
        ? readNumber(cells, row, declaration.pattern)
        : readTime(cells, row, declaration.unit);
  return numbers;
}
