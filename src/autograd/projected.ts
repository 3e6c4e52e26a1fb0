import type { Pointer } from "../kernels/contract.ts";
import { Ints, passing, passingInts, type Tensor, zeros } from "../tensor/tensor.ts";
import { type Op, op } from "./op.ts";
import { RowGradient } from "./row-gradient.ts";
import { lookUpInto, type Reading } from "./rows.ts";
import type { Gradient } from "./var.ts";

/** Columns of x that are read from a source: rows start … start + d − 1 of w. */
interface Part {
  readonly i: number; // among the sources
  readonly start: number;
  readonly d: number;
}

/** Neighbouring parts, looked up into a matrix x[m, width] that is multiplied by their rows of w. */
interface Run {
  readonly parts: Part[];
  readonly start: number;
  width: number;
  x?: Tensor;
}

/**
 * Which sources are worth projecting: tables of which a row comes at least four times on average, either those read a
 * row at a time or one that is read in bags. None if that leaves nothing else. (A step of the benchmark at batch 256 then
 * takes 0.94 of the time, at 1,024 0.965.)
 */
export function worthProjecting(
  m: number,
  readings: readonly (Reading | undefined)[],
  sources: readonly { readonly shape: readonly number[] }[],
): ReadonlySet<number> {
  const small = [...sources.keys()].filter((i) => readings[i] !== undefined && 4 * sources[i].shape[0] <= m);
  const single = small.filter((i) => readings[i]?.offsets === undefined);
  const chosen = new Set(single.length > 0 ? single : small.slice(0, 1));
  return chosen.size < sources.length ? chosen : new Set();
}

/**
 * y = lookUp(readings, sources) w + bias, and max(0, ·) of it where `rectify`: the first layer of a tower. A table of few
 * rows is multiplied by its rows of w before it is read, not after: 22 occupations instead of 1,024 users, and the same
 * for both gradients. `projected` says which: see `worthProjecting`.   w: [Σd, n], bias: [n] → y: [m, n]
 */
export const linearOfTables: Op<
  [
    m: number,
    readings: readonly (Reading | undefined)[],
    projected: ReadonlySet<number>,
    rectify: boolean,
    w: Tensor,
    bias: Tensor,
    ...sources: Tensor[],
  ]
> = op("linearOfTables", (m, readings, projected, rectify, w, bias, ...sources) => {
  const { engine } = w;
  const { kernels, floatBytes } = engine;
  const n = w.shape[1];
  const rowsOfW = (t: Tensor, start: number): Pointer => t.pointer + start * n * floatBytes;

  const runs: Run[] = [];
  const few: (Part & { readonly rows: Ints; readonly places: Ints; readonly table: Tensor; first: number })[] = [];
  let width = 0;
  let distinct = 0;
  for (const [i, source] of sources.entries()) {
    const part = { i, start: width, d: source.shape[1] };
    width += part.d;
    const reading = readings[i];
    if (projected.has(i) && reading) {
      const { rows, places } = distinctRows(reading.rows, source.shape[0]);
      const table = passing(engine, [rows.length, part.d]);
      kernels.gather(source.pointer, rows.pointer, table.pointer, rows.length, part.d, part.d);
      few.push({ ...part, rows, places, table, first: distinct });
      distinct += rows.length;
      continue;
    }
    const run = runs.at(-1);
    if (run && run.start + run.width === part.start) {
      run.parts.push(part);
      run.width += part.d;
    } else runs.push({ parts: [part], start: part.start, width: part.d });
  }

  const y = passing(engine, [m, n]);
  // The few rows times their rows of w, of all tables one after another; row i of y is the mean of a bag of them.
  const products = passing(engine, [distinct, n]);
  const bag = few.length > 0 ? bagOf(few, readings, m) : undefined;
  if (bag) {
    for (const { start, d, table, first, rows } of few)
      kernels.matmulNN(table.pointer, rowsOfW(w, start), rowsOfW(products, first), rows.length, n, d, false);
    if (bag.times > 1) kernels.affine(products.pointer, bag.times, 0, products.pointer, products.size);
    kernels.poolMean(products.pointer, bag.rows.pointer, bag.offsets.pointer, y.pointer, m, n, n);
  }
  for (const [r, run] of runs.entries()) {
    const of = <T>(all: readonly T[]): T[] => run.parts.map(({ i }) => all[i]);
    const x = lookUpInto(passing(engine, [m, run.width]), of(readings), of(sources));
    run.x = x;
    const add = r > 0 || bag !== undefined;
    if (r < runs.length - 1) kernels.matmulNN(x.pointer, rowsOfW(w, run.start), y.pointer, m, n, run.width, add);
    else kernels.linear(x.pointer, rowsOfW(w, run.start), bias.pointer, y.pointer, m, n, run.width, rectify, add);
  }

  return [
    y,
    (dy) => {
      const dz = rectify ? passing(engine, y.shape) : dy; // dz = dy where y > 0
      if (rectify) kernels.reluBackward(y.pointer, dy.pointer, dz.pointer, dz.size);
      const dProducts = zeros(engine, products.shape); // of a row: Σ dz of the rows of y that read it
      if (bag) {
        kernels.poolMeanBackward(dz.pointer, n, bag.rows.pointer, bag.offsets.pointer, dProducts.pointer, m, n);
        if (bag.times > 1) kernels.affine(dProducts.pointer, bag.times, 0, dProducts.pointer, dProducts.size);
      }
      const dSources: (() => Gradient)[] = [];
      for (const { i, start, d, rows, first } of few)
        dSources[i] = () => {
          const dTable = passing(engine, [rows.length, d]); // dtable = dproducts wᵀ
          kernels.matmulNT(rowsOfW(dProducts, first), rowsOfW(w, start), dTable.pointer, rows.length, d, n, false);
          return new RowGradient(dTable.pointer, d, rows);
        };
      for (const run of runs) {
        let dx: Tensor | undefined; // dx = dz wᵀ
        for (const { i, start, d } of run.parts)
          dSources[i] = () => {
            if (!dx) {
              dx = passing(engine, [m, run.width]);
              kernels.matmulNT(dz.pointer, rowsOfW(w, run.start), dx.pointer, m, run.width, n, false);
            }
            const own = dx.pointer + (start - run.start) * floatBytes;
            const reading = readings[i];
            if (reading) return new RowGradient(own, run.width, reading.rows, reading.offsets);
            const dSource = passing(engine, sources[i].shape);
            kernels.copyRows(own, run.width, dSource.pointer, d, m, d);
            return dSource;
          };
      }
      return [
        null,
        null,
        null,
        null,
        () => {
          const dw = passing(engine, w.shape); // dw = xᵀ dz; of projected tables dw = tableᵀ dproducts
          for (const { x, start, width: k } of runs)
            kernels.matmulTN((x as Tensor).pointer, dz.pointer, rowsOfW(dw, start), k, n, m, false);
          for (const { start, d, table, rows, first } of few)
            kernels.matmulTN(table.pointer, rowsOfW(dProducts, first), rowsOfW(dw, start), d, n, rows.length, false);
          return dw;
        },
        () => {
          const dBias = zeros(engine, bias.shape); // dbias = Σᵢ dz[i,:]
          kernels.sumRows(dz.pointer, dBias.pointer, m, n);
          return dBias;
        },
        ...dSources,
      ];
    },
  ];
});

/** The different rows among some, and the place of each among them. */
function distinctRows({ engine, pointer, length }: Ints, tableRows: number): { rows: Ints; places: Ints } {
  const [slots, rows, places] = [tableRows, Math.min(length, tableRows), length].map((n) => passingInts(engine, n));
  const count = engine.kernels.uniqueRows(pointer, length, slots.pointer, rows.pointer, 0, places.pointer);
  return { rows: new Ints(engine, count, rows.pointer), places };
}

/**
 * What each row of y reads among the products: one of each table, whose sum is `times` the mean of the bag; or the bag
 * of the one table that is read in bags.
 */
function bagOf(
  few: readonly { readonly i: number; readonly places: Ints; readonly first: number }[],
  readings: readonly (Reading | undefined)[],
  m: number,
): { rows: Ints; offsets: Ints; times: number } {
  const given = readings[few[0].i]?.offsets;
  if (given) return { rows: few[0].places, offsets: given, times: 1 };
  const { engine } = few[0].places;
  const times = few.length;
  const [rows, offsets] = [passingInts(engine, m * times), passingInts(engine, m + 1)];
  const [chosen, ends] = [rows.data, offsets.data];
  for (let e = 0; e <= m; e++) ends[e] = e * times;
  for (const [t, { places, first }] of few.entries()) {
    const { data } = places;
    for (let e = 0; e < m; e++) chosen[e * times + t] = first + data[e];
  }
  return { rows, offsets, times };
}
