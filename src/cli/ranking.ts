import { type Evaluation, type EvaluationTask, evaluate } from "../evaluation/evaluate.ts";
import type { Ranker } from "../evaluation/ranker.ts";
import { counted } from "./figures.ts";
import { stage } from "./stage.ts";
import type { Terminal } from "./terminal.ts";

/** Evaluates rankers on one task, one after another: each is made, measured and dropped. `onLists` sees the first one's. */
export function evaluateAll(
  terminal: Terminal,
  rankers: readonly (() => Ranker)[],
  { onLists, ...task }: EvaluationTask,
): Promise<Evaluation[]> {
  return stage(terminal, "rank", async (stage) => {
    const evaluations: Evaluation[] = [];
    let items = 0;
    for (const [r, makeRanker] of rankers.entries()) {
      await new Promise(setImmediate); // lets the bar be drawn, and an interruption be heard
      const ranker = makeRanker();
      items = ranker.itemCount;
      evaluations.push(evaluate(ranker, { ...task, onLists: r === 0 ? onLists : undefined }));
      stage.update(r + 1, rankers.length, ranker.name);
    }
    stage.summary = `${counted(evaluations[0].users.length, "user")} × ${counted(items, "item")}`;
    return evaluations;
  });
}
