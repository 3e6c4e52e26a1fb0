import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { attach } from "../../src/ann/attach.ts";
import { sharedIndex } from "../../src/ann/shared-index.ts";
import { clustered, nth, numbers } from "./clustered.ts";

const base = 1500;
const d = 16;
const { items, queries } = clustered(base + 4000, d, 20);
const options = { dimension: d, M: 8, efConstruction: 40, readers: 2 } as const;

/** Base items stay; others come and go. Whatever the graph is made of meanwhile, base items must be found. */
const program = `
const { parentPort, workerData } = require("node:worker_threads");
import(workerData.library).then(({ attach }) => {
  const { handle, items, d, base, words } = workerData;
  const search = attach(handle);
  const open = new Uint8Array(Math.ceil(base / 8));
  for (let row = 0; row < base; row++) open[row >> 3] |= 1 << (row & 7);
  const faults = [];
  let found = 0;
  Atomics.store(words, 1, 1);
  let n = 0;
  for (; Atomics.load(words, 2) === 0; n++) {
    const q = (n * 7919) % base;
    const query = items.subarray(q * d, (q + 1) * d);
    const filtered = n % 2 === 1;
    const { rows, scores } = search.searchRows(query, 10, { ef: 80, ...(filtered && { allowed: open }), ...(n % 4 > 1 && { excluded: [(q + 1) % base] }) });
    const wrong = rows.length !== 10 || new Set(rows).size !== 10 || rows.some((row) => row < 0)
      || scores.some((score, i) => !(score <= 1.0001 && score >= -1.0001) || (i > 0 && score > scores[i - 1]))
      || (filtered && rows.some((row) => row >= base)) || (n % 4 > 1 && rows.includes((q + 1) % base));
    if (wrong) faults.push({ n, rows: [...rows], scores: [...scores] });
    if (rows[0] === q && Math.abs(scores[0] - 1) < 1e-4) found++;
    Atomics.add(words, 0, 1);
  }
  parentPort.postMessage({ faults, found, searches: n });
});`;

describe("another thread searches", () => {
  test("while items are added, moved and removed, and sees a consistent graph every time", async () => {
    const { index, handles, stop } = await sharedIndex<number>({ ...options, threads: 2 });
    index.addMany(numbers(base), items.subarray(0, base * d));
    const words = new Int32Array(new SharedArrayBuffer(12));
    const library = new URL("../../dist/scale.js", import.meta.url).href;
    const worker = new Worker(program, {
      eval: true,
      workerData: { handle: handles[0], items, d, base, words, library },
    });
    const result = new Promise<{ faults: unknown[]; found: number; searches: number }>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    await expect.poll(() => Atomics.load(words, 1), { timeout: 20_000 }).toBe(1);
    // This thread does not yield until the other has searched: so the searches fall among the changes.
    for (let round = 0; round < 2 || Atomics.load(words, 0) < 1000; round++) {
      const many = numbers(1200).map((i) => 1e6 + i);
      index.addMany(many, items.subarray(base * d, (base + 1200) * d));
      for (let i = 0; i < 300; i++) {
        index.add(2e6 + i, nth(items, d, base + 1200 + i));
        index.update(2e6 + i, nth(items, d, base + 2000 + i));
        index.remove(many[i]);
      }
      for (const id of [...many, ...numbers(300).map((i) => 2e6 + i)]) if (index.has(id)) index.remove(id);
    }
    Atomics.store(words, 2, 1);
    const { faults, found, searches } = await result;
    expect(faults).toEqual([]);
    expect(found).toBeGreaterThan(searches * 0.995);
    expect(searches).toBeGreaterThanOrEqual(1000);
    await worker.terminate();
    stop();
  });

  test("and finds what its owner finds, filtered or not", async () => {
    const { index, handles, stop } = await sharedIndex<number>({ ...options, threads: 1 });
    index.addMany(numbers(base), items.subarray(0, base * d));
    for (let i = 0; i < 200; i++) index.remove(i);
    const search = attach(handles[1]);
    expect(search.dimension).toBe(d);
    const allowed = new Uint8Array(Math.ceil(base / 8)).fill(0b10010010);
    for (let q = 0; q < 20; q++)
      for (const asked of [{}, { ef: 200 }, { allowed }, { excluded: [300, 301, 302] }, { allowed, excluded: [601] }])
        expect(search.searchRows(nth(queries, d, q), 10, asked)).toEqual(
          index.searchRows(nth(queries, d, q), 10, asked),
        );
    expect(() => search.searchRows([1, 2], 1)).toThrow(/16 were expected/);
    expect(() => search.searchRows(nth(queries, d, 0), 0)).toThrow(/k is 0/);
    stop();
  });

  test("and if it is ended in the middle of a search, the owner goes on, and so does whoever takes its place", async () => {
    const { index, handles, stop } = await sharedIndex<number>({ ...options, threads: 2 });
    index.addMany(numbers(base), items.subarray(0, base * d));
    const { lock, reader } = handles[0];
    for (const state of [1, 3]) {
      lock[reader] = state; // reading, or waiting to: and nobody is there to end it
      index.add(1e6 + state, nth(items, d, base));
      index.remove(1e6 + state);
      const found = attach(handles[0]).searchRows(nth(queries, d, 0), 10);
      expect(found).toEqual(index.searchRows(nth(queries, d, 0), 10));
      expect(lock[reader]).toBe(0);
    }
    // A search that the owner gave up, as this thread was asleep, is made again.
    const asleep = attach(handles[1]);
    let asked = 0;
    const excluded = {
      length: 1,
      get 0() {
        if (asked++ === 0) lock[handles[1].reader] = 2;
        return 0;
      },
    };
    expect(asleep.searchRows(nth(items, d, 0), 1, { excluded }).rows).not.toContain(0);
    expect(asked).toBeGreaterThan(1);
    stop();
  });
});
