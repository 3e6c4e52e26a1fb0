import { type Command, InvalidArgumentError, Option } from "commander";
import { type MetricName, metricNames } from "../evaluation/metrics.ts";
import type { Schema } from "../features/declare.ts";
import { listwise } from "../losses/listwise.ts";
import type { Loss } from "../losses/loss.ts";
import { pairwise } from "../losses/pairwise.ts";
import { pointwise } from "../losses/pointwise.ts";
import type { ModelOptions } from "../model/options.ts";
import { adagrad } from "../optim/adagrad.ts";
import { adam } from "../optim/adam.ts";
import { each } from "../sampling/each.ts";
import { allItems, type Drawn, inBatch, mixed, type Negatives, popularity, uniform } from "../sampling/negatives.ts";
import { type FitOptions, MOST_THREADS } from "../training/fit-options.ts";
import { isWhole, positive, seed, share, wholeNumber, wholeNumbers, wholeNumberTo } from "./arguments.ts";
import { UsageError } from "./failure.ts";
import { count } from "./figures.ts";

/** Of a step's pairs, of the items drawn for it, and of those drawn for each pair. */
const MOST_BATCH = 1_048_576;
const MOST_DRAWN = 1_048_576;
const MOST_EACH = 4096;

/** Flags of `train` that are options of the library by the same name. What is left out takes the library's default. */
export interface TrainingFlags {
  readonly dimension?: number;
  readonly hidden?: number[];
  readonly identity?: "add" | "concat";
  readonly loss?: Loss["name"];
  readonly temperature?: number;
  readonly learnTemperature?: boolean;
  readonly margin?: number;
  readonly scale?: number;
  readonly negatives?: Negatives;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly optimiser?: "adam" | "adagrad";
  readonly dropout?: number;
  readonly unknown?: number;
  readonly metric?: { readonly name: MetricName; readonly k: number };
  readonly patience?: number;
  readonly seed?: number;
  readonly threads?: number;
}

export function withTrainingOptions(command: Command): Command {
  return command
    .option("--dimension <n>", "length of the vectors of users and items (64)", wholeNumber)
    .option(
      "--hidden <n,n>",
      'widths of the hidden layers of both towers, such as 128,64; or "none" (128; none over ids and what was chosen)',
      wholeNumbers,
    )
    .addOption(
      new Option(
        "--identity <how>",
        "how an id enters its tower: added to what the features say, or one of them (add)",
      ).choices(["add", "concat"]),
    )
    .addOption(
      new Option("--loss <name>", "what to learn by (listwise)").choices(["listwise", "pairwise", "pointwise"]),
    )
    .option("--temperature <t>", "of the listwise loss's softmax (0.15)", positive)
    .option("--learn-temperature", "learn the temperature too, from --temperature on")
    .option("--margin <m>", "of the pairwise loss, in cosine (0.5)", positive)
    .option("--scale <s>", "of the pointwise loss: from cosine to logit (5)", positive)
    .option(
      "--negatives <from>",
      "all (listwise, up to 20,000 items), in-batch+uniform:1024 (listwise, else), in-batch+popularity:1024, in-batch, each:3 (other losses)",
      negativesFrom,
    )
    .option("--epochs <n>", "at most so many passes over the interactions (30)", wholeNumber)
    .option(
      "--batch-size <n>",
      "positives in a step (1024; with all a tenth of the interactions)",
      wholeNumberTo(MOST_BATCH),
    )
    .option(
      "--learning-rate <r>",
      "of the first steps; it then falls (listwise 0.03 with all, else 0.01; other losses 0.003)",
      positive,
    )
    .addOption(new Option("--optimiser <name>", "how weights follow gradients (adam)").choices(["adam", "adagrad"]))
    .option("--dropout <rate>", "of hidden activations (0)", share)
    .option("--unknown <rate>", "at which ids are hidden in training, to prepare for new ones (0.05)", share)
    .option("--metric <name@k>", "what validation goes by, such as recall@10 (ndcg@20)", metricFrom)
    .option("--patience <n>", "epochs without improvement before stopping (3)", wholeNumber)
    .option("--seed <n>", "same seed, same files, same options: same model (1)", seed)
    .option(
      "--threads <n>",
      `to compute with, at most ${MOST_THREADS}; the model is the same with any number (1)`,
      wholeNumberTo(MOST_THREADS),
    );
}

export function modelOptions({ dimension, hidden, identity }: TrainingFlags): ModelOptions {
  return given({ dimension, hidden, identity });
}

export function fitOptions(flags: TrainingFlags): FitOptions<Schema> {
  const { negatives, epochs, batchSize, learningRate, optimiser, dropout, unknown, metric, patience, seed, threads } =
    flags;
  return given({
    loss: lossFrom(flags),
    negatives,
    epochs,
    batchSize,
    learningRate,
    optimiser: optimiser && { adam, adagrad }[optimiser](),
    dropout,
    unknown,
    metric,
    patience,
    seed,
    threads,
  });
}

/** An option of another loss would be passed over in silence; that is refused. */
function lossFrom(flags: TrainingFlags): Loss {
  const { loss = "listwise", temperature, learnTemperature, margin, scale } = flags;
  const refuse = (others: Record<string, [value: unknown, loss: string]>): void => {
    for (const [option, [value, other]] of Object.entries(others))
      if (value !== undefined)
        throw new UsageError(`${option} belongs to --loss ${other}, not to --loss ${loss}: leave one of them out`);
  };
  const ofListwise: Record<string, [unknown, string]> = {
    "--temperature": [temperature, "listwise"],
    "--learn-temperature": [learnTemperature, "listwise"],
  };
  switch (loss) {
    case "listwise":
      refuse({ "--margin": [margin, "pairwise"], "--scale": [scale, "pointwise"] });
      return listwise(given({ temperature, learnTemperature }));
    case "pairwise":
      refuse({ ...ofListwise, "--scale": [scale, "pointwise"] });
      return pairwise(given({ margin }));
    case "pointwise":
      refuse({ ...ofListwise, "--margin": [margin, "pairwise"] });
      return pointwise(given({ scale }));
  }
}

function negativesFrom(text: string): Negatives {
  if (text === "all") return allItems();
  const [batch, ...others] = text.split("+");
  if (batch === "in-batch") return mixed(inBatch(), ...others.map(drawnFrom));
  const [name, n = ""] = text.split(":");
  if (name === "each") return each(uniform(numberOf(name, n, MOST_EACH)));
  throw new InvalidArgumentError("Expected in-batch, all, each:3, in-batch+uniform:1024 or in-batch+popularity:1024.");
}

function drawnFrom(text: string): Drawn {
  const [name, n = ""] = text.split(":");
  if (name === "uniform") return uniform(numberOf(name, n, MOST_DRAWN));
  if (name === "popularity") return popularity(numberOf(name, n, MOST_DRAWN));
  throw new InvalidArgumentError(`"${name}" is neither uniform:n nor popularity:n.`);
}

/** The n of "uniform:n". */
function numberOf(name: string, text: string, most: number): number {
  try {
    return wholeNumberTo(most)(text);
  } catch (cause) {
    if (!(cause instanceof InvalidArgumentError)) throw cause;
    throw new InvalidArgumentError(
      `Expected how many after ${name}, as in ${name}:3: a whole number from 1 to ${count(most)}.`,
    );
  }
}

function metricFrom(text: string): { name: MetricName; k: number } {
  const [word, k = ""] = text.split("@");
  const name = metricNames.find((known) => known === word);
  if (name === undefined || !isWhole(Number(k)))
    throw new InvalidArgumentError(`Expected one of ${metricNames.join(", ")} and a cut-off from 1, as in ndcg@20.`);
  return { name, k: Number(k) };
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what was not given, so that the library's defaults hold. */
function given<T extends object>(options: T): Given<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<T>;
}
