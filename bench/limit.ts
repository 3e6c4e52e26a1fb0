// What 128-bit vectors can do at most on this machine: the arithmetic of a matrix product, s ← s + x · b for a tile of
// 3 × 2 vectors, with everything in registers and nothing loaded or stored. The module is written out by hand, so that
// nothing of ours stands between. Other loops measure less: a tile of 4 × 2 with its operands is one register too
// many, chains of x ← x · m + a wait for each other (31 and 47 against 54 GFLOP/s).

const SUMS = 6; // locals 1 … 6; local 0 is the counter
const [X, B] = [7, 10]; // three x and two b
const FLOPS_PER_ROUND = SUMS * 4 * 2;

const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const splat = (exponent: number): number[] => [0x43, 0, 0, exponent, 0x3f, 0xfd, 0x13]; // f32.const, f32x4.splat
const MULTIPLY = [0xfd, 0xe6, 0x01];
const ADD = [0xfd, 0xe4, 0x01];

const sums = Array.from({ length: SUMS }, (_, i) => i);
const body = [
  ...[1, SUMS + 5, 0x7b], // so many locals of type v128
  ...Array.from({ length: 5 }, (_, i) => [...splat(0x10 + i), ...set(X + i)]).flat(), // small normal numbers
  ...[0x03, 0x40], // loop
  ...sums.flatMap((s) => [
    ...get(1 + s),
    ...get(X + (s >> 1)),
    ...get(B + (s & 1)),
    ...MULTIPLY,
    ...ADD,
    ...set(1 + s),
  ]),
  ...[...get(0), 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b], // while (--counter)
  ...get(1),
  ...sums.slice(1).flatMap((s) => [...get(1 + s), ...ADD]), // every sum is needed
  ...[0xfd, 0x1f, 0, 0x0b], // first lane
];

const leb = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, n >> 7]);
const section = (id: number, content: number[]): number[] => [id, ...leb(content.length), ...content];
const wasm = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7d]), // (i32) → f32
  ...section(3, [1, 0]),
  ...section(7, [1, 3, 0x72, 0x75, 0x6e, 0, 0]), // exported as "run"
  ...section(10, [1, ...leb(body.length), ...body]),
]);

const run = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports.run as (rounds: number) => number;

/** GFLOP/s of 128-bit vectors on one thread, measured for about 3 ms. */
export function vectorLimit(): number {
  const rounds = 3_000_000;
  const start = performance.now();
  run(rounds);
  return (rounds * FLOPS_PER_ROUND) / (performance.now() - start) / 1e6;
}
