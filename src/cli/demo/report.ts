import { type Evaluation, metricAt } from "../../evaluation/evaluate.ts";
import { sliceTable } from "../comparison.ts";
import { count, counted, metric, milliseconds, percent } from "../figures.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import type { Person } from "./people.ts";
import type { Latency } from "./search.ts";
import type { World } from "./world.ts";

/** Everything the demo found out. Only `latency` and the training's seconds differ from run to run. */
export interface Findings {
  readonly world: World;
  /** The model, the baselines, and last the truth itself. */
  readonly evaluations: readonly Evaluation[];
  readonly search: { readonly recallAt10: number; readonly recallAt100: number };
  readonly latency: Latency;
  readonly people: readonly Person[];
}

/** The share of the best possible list's NDCG@10 that a ranker reaches. */
export function shareOfBest(evaluation: Evaluation, evaluations: readonly Evaluation[]): number {
  return metricAt(evaluation, "ndcg", 10) / metricAt(evaluations[evaluations.length - 1], "ndcg", 10);
}

/** The findings as a person reads them. */
export function report(terminal: Terminal, { world, evaluations, search, latency, people }: Findings): string {
  const title = (text: string): string => terminal.style("bold", text);
  const remark = (...lines: string[]): string => lines.map((line) => terminal.style("dim", `  ${line}`)).join("\n");
  const [model] = evaluations;
  const rivals = evaluations.slice(1, -1);
  const best = rivals.reduce((a, b) => (metricAt(a, "ndcg", 10) > metricAt(b, "ndcg", 10) ? a : b));
  return [
    "",
    title(`How good are the lists?  ${counted(model.pairs, "later choice")} of ${counted(model.users.length, "user")}`),
    qualityTable(terminal, evaluations),
    remark(
      "The catalogue is invented, so the chance of every choice is known: ordered by it, no list can expect more",
      "over all its films; by leaving out the tail others may find more of the head.",
      `The model reaches ${percent(shareOfBest(model, evaluations))} of that, ${best.name} ${percent(shareOfBest(best, evaluations))}.`,
    ),
    "",
    title("Where does it find them?"),
    sliceTable(terminal, evaluations, 100),
    remark(
      "Head, middle and tail: films that make a third of all training choices each. Nobody had seen the new films;",
    ),
    remark("of new users only country, age and gender are known."),
    "",
    title("How fast?"),
    `  One recall: p50 ${milliseconds(latency.p50)}, p99 ${milliseconds(latency.p99)}`,
    remark(
      `From the user's id to ten of ${count(world.catalogue.items.length)} films: user tower, search, films seen before left out.`,
    ),
    `  HNSW finds ${share(search.recallAt10)} of exact search's top 10, ${share(search.recallAt100)} of its top 100`,
    ...people.flatMap((person) => ["", personText(terminal, person, world)]),
  ].join("\n");
}

const share = (value: number): string => `${(100 * value).toFixed(2)} %`;

function qualityTable(terminal: Terminal, evaluations: readonly Evaluation[]): string {
  const rows = evaluations.map((evaluation, row) => {
    const cells = [
      evaluation.name,
      metric(metricAt(evaluation, "recall", 10)),
      metric(metricAt(evaluation, "recall", 100)),
      metric(metricAt(evaluation, "ndcg", 10)),
      percent(shareOfBest(evaluation, evaluations)),
    ];
    return row === 0 ? cells.map((cell) => terminal.style("bold", cell)) : cells;
  });
  return table(terminal, ["", "Recall@10", "Recall@100", "NDCG@10", "of the best possible"], rows);
}

function personText(terminal: Terminal, { user, before, recommended }: Person, { catalogue, items }: World): string {
  const films = new Map(catalogue.items.map((item) => [item.itemId, item]));
  const nameOf = (id: string): string => `${items.get(id)!.name} (${films.get(id)!.year})`;
  const rows = recommended.map(({ rank, score, id, chosenLater }) => [
    String(rank),
    score.toFixed(2),
    nameOf(id),
    films.get(id)!.genres.join(", "),
    chosenLater ? terminal.style("green", "✓ chosen later") : "",
  ]);
  const past =
    before.length === 0
      ? "new: has watched nothing yet"
      : `${counted(before.length, "film")} watched, lately ${before.slice(0, 3).map(nameOf).join(", ")}`;
  return [
    terminal.style("bold", `For ${user.userId}: ${user.gender}, ${user.age}, ${user.country}`),
    terminal.style("dim", `  ${past}`),
    table(terminal, ["#", "score", "film", "genres", ""], rows, ["right", "right", "left", "left", "left"]),
  ].join("\n");
}
