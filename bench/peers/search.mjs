// A JavaScript peer of the search benches in a process of its own, over the same files, as hnswlib.cpp is natively: builds
// its index, prints a line of JSON, then searches as asked on standard input, a line "ef" each time: every query once, one
// call each. `node search.mjs hnswlib-node|usearch base.f32 queries.f32 truth.i32 dimension k M efConstruction`
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(import.meta.url); // imported as a module, usearch calls itself for ever
const [peer, base, query, truth, ...numbers] = process.argv.slice(2);
const [d, k, M, efConstruction] = numbers.map(Number);
const bytes = (path) => {
  const { buffer, byteOffset, length } = readFileSync(path);
  return buffer.slice(byteOffset, byteOffset + length);
};
const items = new Float32Array(bytes(base));
const queries = new Float32Array(bytes(query));
const right = new Int32Array(bytes(truth));
const n = items.length / d;
const m = queries.length / d;

/** Each returns a function from a query to the numbers of its nearest, given ef, and what its build took. */
const peers = {
  "hnswlib-node"() {
    const hnswlib = require("hnswlib-node");
    const index = new hnswlib.HierarchicalNSW("ip", d);
    index.initIndex(n, M, efConstruction, 100);
    const vectors = Array.from({ length: n }, (_, i) => Array.from(items.subarray(i * d, (i + 1) * d)));
    const start = performance.now();
    for (let i = 0; i < n; i++) index.addPoint(vectors[i], i);
    const seconds = (performance.now() - start) / 1000;
    const all = Array.from({ length: m }, (_, q) => Array.from(queries.subarray(q * d, (q + 1) * d)));
    return {
      seconds,
      searching(ef) {
        index.setEf(ef);
        return (q) => index.searchKnn(all[q], k).neighbors;
      },
    };
  },
  usearch() {
    const usearch = require("usearch");
    const options = {
      dimensions: d,
      metric: "ip",
      quantization: "f32",
      connectivity: M,
      expansion_add: efConstruction,
    };
    const index = new usearch.Index(options);
    const start = performance.now();
    for (let i = 0; i < n; i++) index.add(BigInt(i), items.subarray(i * d, (i + 1) * d), 1);
    const seconds = (performance.now() - start) / 1000;
    const path = `${base}.${process.pid}.usearch`; // how hard it searches is told to an index when it is made
    index.save(path);
    const all = Array.from({ length: m }, (_, q) => queries.subarray(q * d, (q + 1) * d));
    return {
      seconds,
      searching(ef) {
        const same = new usearch.Index({ ...options, expansion_search: ef });
        same.load(path);
        return (q) => same.search(all[q], k, 1).keys;
      },
    };
  },
};

const { seconds, searching } = peers[peer]();
console.log(JSON.stringify({ seconds }));
for await (const line of createInterface({ input: process.stdin })) {
  const search = searching(Number(line));
  const found = new Array(m);
  const start = performance.now();
  for (let q = 0; q < m; q++) found[q] = search(q);
  const elapsed = (performance.now() - start) / 1000;
  let hits = 0;
  for (let q = 0; q < m; q++) {
    const rows = new Set(Array.from(found[q], Number));
    for (let i = 0; i < k; i++) if (rows.has(right[q * k + i])) hits++;
  }
  console.log(JSON.stringify({ recall: hits / (m * k), qps: m / elapsed }));
}
