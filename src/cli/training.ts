import type { Schema } from "../features/declare.ts";
import type { Dataset } from "../features/rows.ts";
import type { FitReport } from "../training/fit.ts";
import type { FitOptions } from "../training/fit-options.ts";
import type { TwoTower } from "../two-tower.ts";
import { count, counted, metric, seconds } from "./figures.ts";
import type { FlagTexts } from "./flag-texts.ts";
import { stage } from "./stage.ts";
import type { Terminal } from "./terminal.ts";

/** What came of a training, as JSON keeps it. */
export interface TrainingReport {
  readonly users: number;
  readonly items: number;
  /** Interactions learnt from; those held out for validation are not among them. */
  readonly interactions: number;
  readonly parameters: number;
  readonly metric: string;
  readonly epochs: readonly {
    readonly epoch: number;
    readonly loss: number;
    readonly validation: number | null;
    readonly seconds: number;
  }[];
  readonly bestEpoch: number;
  /** The metric of the best epoch on the validation data, null without any. */
  readonly validation: number | null;
  readonly examplesPerSecond: number;
  readonly seconds: number;
  /** What `train` was told, where it was the command line: data and how to learn. */
  readonly flags?: FlagTexts;
}

/** Trains with a bar on a terminal and a line an epoch elsewhere. */
export function trainVisibly(
  terminal: Terminal,
  model: TwoTower<Schema>,
  data: Dataset<Schema>,
  options: FitOptions<Schema>,
  signal: AbortSignal,
): Promise<TrainingReport> {
  const { name, k } = options.metric ?? { name: "ndcg", k: 20 };
  const metricName = `${name}@${k}`;
  return stage(terminal, "train", async (stage) => {
    let validated = "";
    const fitted = await model.fit(data, {
      ...options,
      signal,
      onProgress: ({ epoch, epochs, step, steps, loss, validation, examplesPerSecond }) => {
        if (validation !== undefined) validated = `  ${metricName} ${metric(validation)}`;
        const state = `epoch ${epoch}/${epochs}  loss ${loss.toFixed(4)}${validated}`;
        const speed = `${count(Math.round(examplesPerSecond / 100) * 100)}/s`;
        stage.update((epoch - 1) * steps + step, epochs * steps, `${state}  ${speed}`);
        if (step === steps) stage.milestone(state);
      },
    });
    const report = reportOf(model, fitted, metricName);
    const best =
      report.validation === null ? "" : `, best at ${report.bestEpoch}: ${metricName} ${metric(report.validation)}`;
    const threads = fitted.threads > 1 ? `, ${counted(fitted.threads, "thread")}` : "";
    stage.summary = `${counted(fitted.epochs.length, "epoch")} in ${seconds(fitted.seconds)}${threads}${best}`;
    return report;
  });
}

function reportOf(model: TwoTower<Schema>, fitted: FitReport, metricName: string): TrainingReport {
  const { on, network } = model.trained;
  const epochs = fitted.epochs.map((epoch) => ({ ...epoch, validation: epoch.validation ?? null }));
  return {
    users: on.users.table.count,
    items: on.items.table.count,
    interactions: on.interactions.users.length,
    parameters: [...network.parameters().values()].reduce((sum, { value }) => sum + value.data.length, 0),
    metric: metricName,
    epochs,
    bestEpoch: fitted.bestEpoch,
    validation: epochs.find(({ epoch }) => epoch === fitted.bestEpoch)?.validation ?? null,
    examplesPerSecond: fitted.examplesPerSecond,
    seconds: fitted.seconds,
  };
}
