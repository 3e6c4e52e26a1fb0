// npm run bench:peers [-- ROUNDS] [--json]: the training step of bench/train.ts beside the same step of other libraries,
// in turn, on one core; medians. A table in markdown, or a JSON line a figure. What is not installed is said and left out:
//   PyTorch                      apt-get install python3-torch (1.13); PYTHON names another Python that has torch
//   TensorFlow.js and jax-js     npm install --prefix bench/peers
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";

const args = process.argv.slice(2);
const json = args.includes("--json");
const rounds = Number(args.find((arg) => !arg.startsWith("-")) ?? 5);
const python = process.env.PYTHON ?? "/usr/bin/python3";
const hasTaskset = spawnSync("taskset", ["--version"]).status === 0;
const pinned = hasTaskset ? ["taskset", "-c", "1"] : [];
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
const absent = (peer, why) => console.error(`${peer}: absent (${why})`);

const hasTorch = spawnSync(python, ["-c", "import torch"]).status === 0;
if (!hasTorch) absent("PyTorch", `${python} has no torch; Debian: apt-get install python3-torch`);
const peers = hasTorch ? { "PyTorch, as it comes": torch(false), "PyTorch, malloc kept": torch(true) } : {};
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
for (const process of Object.values(peers)) process.end();

const figures = [...rows].flatMap(([peer, values]) =>
  values.map((value, i) => ({ name: `step/${batches[i]}`, peer, value, unit: "examples/s" })),
);
if (existsSync(`${here}node_modules`)) {
  figures.push(...alone("jax-js", ["jax-js.mjs", "256"]));
  figures.push(...alone("TensorFlow.js, wasm", ["tensorflow-js.mjs", "wasm", "256"]));
  figures.push(...alone("TensorFlow.js, cpu", ["tensorflow-js.mjs", "cpu", "64"])); // 256 would take minutes
} else absent("TensorFlow.js and jax-js", "npm install --prefix bench/peers");

/** The figure of a JavaScript peer, or why it has none. */
function alone(peer, [script, ...rest]) {
  const [command, ...all] = [...pinned, process.execPath, `${here}${script}`, ...rest];
  const { stdout, stderr } = spawnSync(command, all, { encoding: "utf8", timeout: 120_000 });
  const line = stdout.split("\n").find((text) => text.startsWith("{"));
  if (line) return [JSON.parse(line)];
  console.error(`${peer}: cannot (${/^\w*Error: .*/m.exec(stderr)?.[0] ?? "it took more than two minutes"})`);
  return [];
}

if (json) for (const figure of figures) console.log(JSON.stringify(figure));
else {
  const names = [...new Set(figures.map(({ name }) => name))];
  console.log(`| examples/s | ${names.join(" | ")} |\n| --- |${" --- |".repeat(names.length)}`);
  for (const peer of new Set(figures.map((figure) => figure.peer))) {
    const cells = names.map((name) => {
      const figure = figures.find((each) => each.peer === peer && each.name === name);
      return figure ? Math.round(figure.value).toLocaleString("en") : "";
    });
    console.log(`| ${peer} | ${cells.join(" | ")} |`);
  }
}
