import { type Evaluation, metricAt } from "../evaluation/evaluate.ts";
import type { SliceEvaluation } from "../evaluation/meter.ts";
import type { MetricsAtK } from "../evaluation/metrics.ts";
import { metric, percent } from "./figures.ts";
import { table } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** Slices worth a column, and what to call them. */
const SLICES: readonly [slice: string, heading: string][] = [
  ["head", "head"],
  ["middle", "middle"],
  ["tail", "tail"],
  ["coldItems", "new items"],
  ["coldUsers", "new users"],
];

/** Rankers side by side: one table for each cut-off. */
export function metricTables(terminal: Terminal, evaluations: readonly Evaluation[]): string {
  const ks = evaluations[0].metrics.map(({ k }) => k);
  return ks
    .map((k, at) => {
      const head = [`@${k}`, "Recall", "Hit", "NDCG", "MRR", "MAP", "coverage"];
      const rows = evaluations.map(({ name, metrics, exposure }) => {
        const { recall, hit, ndcg, mrr, map } = metrics[at];
        return [name, ...[recall, hit, ndcg, mrr, map].map(metric), percent(exposure[at].coverage)];
      });
      return table(terminal, head, rows);
    })
    .join("\n\n");
}

/** Recall at one cut-off by slice of the test pairs; slices that have none are left out. */
export function sliceTable(terminal: Terminal, evaluations: readonly Evaluation[], k: number): string {
  const pairsIn = (slice: string): number => sliceOf(evaluations[0], slice).pairs;
  const there = SLICES.filter(([slice]) => pairsIn(slice) > 0);
  const total = evaluations[0].pairs;
  const head = [`Recall@${k}`, ...there.map(([, heading]) => heading)];
  const rows = evaluations.map((evaluation) => [
    evaluation.name,
    ...there.map(([slice]) => metric(metricAt(sliceOf(evaluation, slice), "recall", k))),
  ]);
  const shares = ["of the test", ...there.map(([slice]) => percent(pairsIn(slice) / total))];
  return table(terminal, head, [...rows, shares.map((cell) => terminal.style("dim", cell))]);
}

/** An evaluation as JSON: means only, without a value for each user. */
export function evaluationJson({ name, metrics, exposure, slices }: Evaluation): object {
  return {
    name,
    metrics: metrics.map(meansOf),
    exposure,
    slices: slices.map((slice) => ({
      name: slice.name,
      users: slice.users.length,
      pairs: slice.pairs,
      metrics: slice.pairs > 0 ? slice.metrics.map(meansOf) : [],
    })),
  };
}

function sliceOf({ slices }: Evaluation, name: string): SliceEvaluation {
  return slices.find((slice) => slice.name === name)!;
}

const meansOf = ({ perUser: _, ...means }: MetricsAtK): Omit<MetricsAtK, "perUser"> => means;
