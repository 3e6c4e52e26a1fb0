// Writes README's table of speed anew, between <!-- speed:begin --> and <!-- speed:end -->, from what benches have
// printed; a row without its figures is an error, not an old figure:
//   npm run --silent bench -- search --json > figures.jsonl; npm run --silent bench:peers -- --json >> figures.jsonl
//   node bench/readme-table.mjs figures.jsonl [README.md]
import { readFileSync, writeFileSync } from "node:fs";

const [source, target = new URL("../README.md", import.meta.url).pathname] = process.argv.slice(2);
if (!source) fail("usage: node bench/readme-table.mjs figures.jsonl [README.md]");
const figures = readFileSync(source, "utf8")
  .split("\n")
  .filter((line) => line.startsWith("{"))
  .map((line) => JSON.parse(line));

const whole = (value) => Math.round(value).toLocaleString("en");
const valuesOf = (name, isOf) =>
  figures.filter((figure) => figure.name === name && isOf(figure)).map(({ value }) => value);

/** Ours beside the best of PyTorch, of either optimiser, with glibc told to keep freed memory or not. */
function step(batch) {
  const name = `step/${batch}`;
  const [ours] = valuesOf(name, ({ peer }) => peer === "twotower");
  const theirs = valuesOf(name, ({ peer }) => peer?.startsWith("PyTorch"));
  if (ours === undefined || theirs.length === 0) fail(`${source} lacks ${name} of twotower or PyTorch`);
  const best = Math.max(...theirs);
  return [
    `training step, batch ${batch.toLocaleString("en")}, examples/s`,
    whole(ours),
    `PyTorch 1.13, ${whole(best)}`,
    ours / best,
  ];
}

/** A figure of ours whose limit is the peer's, measured in the same run. */
function beside(name, label, peer) {
  const figure = figures.find((each) => each.name === name);
  if (figure?.limit === undefined) fail(`${source} lacks ${name} and its limit`);
  return [label, whole(figure.value), `${peer}, ${whole(figure.limit)}`, figure.ratio];
}

const isThere = (name) => figures.some((figure) => figure.name === name && figure.limit !== undefined);
const rows = [
  ...[256, 1024, 4096].map(step),
  ...[
    ["search/A/at 0.95", "HNSW, 100,000 × 64, queries/s at recall@10 .95"],
    ["search/A/at 0.99", "at .99"],
  ].flatMap(([name, label]) =>
    [
      ["hnswlib", "hnswlib C++ `-march=native`"],
      ["hnswlib-node", "hnswlib-node 3.0"],
      ["usearch", "usearch 2.25, Node"],
    ].flatMap(([peer, title]) => (isThere(`${name} of ${peer}`) ? [beside(`${name} of ${peer}`, label, title)] : [])),
  ),
];
const table = [
  "| | twotower | peer | ratio |",
  "| --- | --- | --- | --- |",
  ...rows.map(([label, ours, theirs, ratio]) => `| ${label} | ${ours} | ${theirs} | ${ratio.toFixed(2)} |`),
].join("\n");

const [begin, end] = ["<!-- speed:begin -->", "<!-- speed:end -->"];
const text = readFileSync(target, "utf8");
const [from, to] = [text.indexOf(begin), text.indexOf(end)];
if (from < 0 || to < from) fail(`${target} has no ${begin} … ${end}`);
writeFileSync(target, `${text.slice(0, from + begin.length)}\n${table}\n${text.slice(to)}`);
console.log(table);

function fail(message) {
  console.error(message);
  process.exit(1);
}
