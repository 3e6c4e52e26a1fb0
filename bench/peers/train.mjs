// The training step of this library and of PyTorch, in turn on one core; prints the README's table in markdown.
//   npx tsc -p bench && node bench/peers/train.mjs [rounds]          PYTHON names the Python that has torch (Debian: python3-torch)
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";

const rounds = Number(process.argv[2] ?? 5);
const python = process.env.PYTHON ?? "/usr/bin/python3";
const pinned = ["taskset", "-c", "1"];
const here = new URL(".", import.meta.url).pathname;
const batches = [256, 1024, 4096];

/** Starts PyTorch and asks it one figure at a time. `keep` has glibc keep freed memory, which saves it page faults. */
function torch(keep) {
  const env = keep
    ? { MALLOC_MMAP_THRESHOLD_: "1073741824", MALLOC_TRIM_THRESHOLD_: "8589934592", MALLOC_TOP_PAD_: "1073741824" }
    : {};
  const [command, ...args] = [...pinned, python, `${here}pytorch.py`, "1"];
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(name) {
      child.stdin.write(`${name}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error(`${python} has ended; does it have torch?`);
      return JSON.parse(value).value;
    },
    end: () => child.stdin.end(),
  };
}

function ours(name) {
  const [command, ...args] = [...pinned, process.execPath, `${here}../../dist-bench/bench/main.js`, name, "--json"];
  return JSON.parse(spawnSync(command, args, { encoding: "utf8" }).stdout).value;
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const peers = { "PyTorch, as it comes": torch(false), "PyTorch, malloc kept": torch(true) };
console.log("| examples/s | " + batches.join(" | ") + " |\n| --- | --- | --- | --- |");
const rows = new Map([
  ["twotower", []],
  ...Object.keys(peers).flatMap((peer) => ["dense", "sparse"].map((o) => [`${peer}, ${o}`, []])),
]);
for (const batch of batches) {
  const seen = new Map([...rows.keys()].map((row) => [row, []]));
  for (let round = 0; round < rounds; round++) {
    seen.get("twotower").push(ours(`step/${batch}`));
    for (const [peer, process] of Object.entries(peers))
      for (const optimiser of ["dense", "sparse"])
        seen.get(`${peer}, ${optimiser}`).push(await process.ask(`step/${batch}/${optimiser}`));
  }
  for (const [row, values] of seen) rows.get(row).push(median(values));
}
for (const [row, values] of rows)
  console.log(`| ${row} | ${values.map((value) => Math.round(value).toLocaleString("en")).join(" | ")} |`);
for (const process of Object.values(peers)) process.end();
