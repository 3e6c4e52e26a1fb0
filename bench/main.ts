// npm run bench [-- NAME] [--json]: all figures, or those whose name begins with NAME, such as "step" or "step/1024".
import { embedBench } from "./embed.ts";
import { encodeBench } from "./encode.ts";
import { epochBench } from "./epoch.ts";
import { evaluateBench } from "./evaluate.ts";
import type { Figure, Wanted } from "./figure.ts";
import { kernelsBench } from "./kernels.ts";
import { searchBench } from "./search.ts";
import { streamBench } from "./stream.ts";
import { stepBench } from "./train.ts";
import { vocabularyBench } from "./vocabulary.ts";

/** Each prints figures named "suite" or "suite/…". */
const suites: { [suite: string]: (wanted: Wanted) => Promise<Figure[]> } = {
  kernels: kernelsBench,
  step: stepBench,
  vocabulary: vocabularyBench,
  epoch: epochBench,
  encode: encodeBench,
  stream: streamBench,
  embed: embedBench,
  evaluate: evaluateBench,
  search: searchBench,
};

const args = process.argv.slice(2);
const json = args.includes("--json");
const asked = args.filter((arg) => !arg.startsWith("-"));
const begins = (name: string, start: string): boolean => name === start || name.startsWith(`${start}/`);
const wanted: Wanted = (name) => asked.length === 0 || asked.some((start) => begins(name, start));

const unknown = asked.filter((name) => !(name.split("/")[0] in suites));
if (unknown.length > 0) {
  console.error(`no bench is called ${unknown.join(", ")}; there are ${Object.keys(suites).join(", ")}`);
  process.exit(2);
}
for (const [suite, run] of Object.entries(suites)) {
  if (asked.length > 0 && !asked.some((start) => begins(start, suite))) continue;
  for (const figure of await run(wanted)) if (wanted(figure.name)) print(figure);
}

function print(figure: Figure): void {
  if (json) {
    console.log(JSON.stringify(figure));
    return;
  }
  const { name, value, unit, limit, ratio, recall } = figure;
  const notes = [
    limit !== undefined && ratio !== undefined ? `${(100 * ratio).toFixed(0)} % of ${short(limit)}` : "",
    recall !== undefined ? `recall ${recall.toFixed(4)}` : "",
  ].filter((note) => note !== "");
  console.log(`${name.padEnd(40)} ${short(value).padStart(12)} ${unit.padEnd(16)} ${notes.join(", ")}`);
}

/** Three digits that count, or the whole number. */
function short(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}
