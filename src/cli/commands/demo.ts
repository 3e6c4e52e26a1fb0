import { join } from "node:path";
import type { Command } from "commander";
import { hnsw } from "../../ann/hnsw-factory.ts";
import type { Evaluation } from "../../evaluation/evaluate.ts";
import type { Ranker } from "../../evaluation/ranker.ts";
import { scoreRanker } from "../../evaluation/score-ranker.ts";
import type { Schema } from "../../features/declare.ts";
import { encodeInteractions } from "../../features/encode-dataset.ts";
import { groupByUser } from "../../features/interactions.ts";
import { listwise } from "../../losses/listwise.ts";
import { inBatch } from "../../sampling/negatives.ts";
import { TwoTower } from "../../two-tower.ts";
import { seed, wholeNumber, wholeNumberTo } from "../arguments.ts";
import { baseline } from "../baselines.ts";
import { evaluationJson } from "../comparison.ts";
import { writeWorld } from "../demo/files.ts";
import { people } from "../demo/people.ts";
import { type Findings, report, shareOfBest } from "../demo/report.ts";
import { agreement, latency } from "../demo/search.ts";
import { generateWorld, type World, worldSchema } from "../demo/world.ts";
import { counted, seconds } from "../figures.ts";
import { interruptible } from "../interrupt.ts";
import { checkTarget, saveFolder } from "../model-folder.ts";
import { evaluateAll } from "../ranking.ts";
import { stage } from "../stage.ts";
import { type OutputFlags, Terminal } from "../terminal.ts";
import { type TrainingReport, trainVisibly } from "../training.ts";

interface DemoFlags extends OutputFlags {
  readonly seed: number;
  readonly users: number;
  readonly items: number;
  readonly epochs: number;
  readonly out?: string;
}

/** The whole pipeline on an invented catalogue. */
export function addDemo(program: Command): Command {
  return program
    .command("demo")
    .description("the whole way on an invented film service, whose best possible lists are known")
    .option("--seed <n>", "same seed, same films, same figures", seed, 1)
    .option("--users <n>", "how many users to invent", wholeNumberTo(1_000_000), 3000)
    .option("--items <n>", "how many films to invent", wholeNumberTo(1_000_000), 2000)
    .option("--epochs <n>", "passes over the interactions", wholeNumber, 6)
    .option("--out <dir>", "leave the files and the model in this folder, to try the other commands on")
    .action((flags: DemoFlags) => interruptible((signal) => demo(flags, signal)));
}

async function demo(flags: DemoFlags, signal: AbortSignal): Promise<void> {
  const terminal = new Terminal(flags);
  const { seed, epochs, out } = flags;
  const modelDir = out === undefined ? undefined : join(out, "model");
  if (modelDir !== undefined) await checkTarget(modelDir);

  const world = await stage(terminal, "invent", (stage) => {
    const world = generateWorld(flags);
    const { users, items } = world.catalogue;
    stage.summary = `${counted(users.length, "user")}, ${counted(items.length, "film")}, ${counted(world.train.length, "choice")} to learn from, ${counted(world.test.length, "later one")} to find`;
    return world;
  });
  const model = new TwoTower(worldSchema.schema, { dimension: 32, hidden: [64] });
  const training = await trainVisibly(
    terminal,
    model,
    {
      users: world.catalogue.users,
      items: Array.from(world.items.values(), ({ row }) => row),
      interactions: world.train,
    },
    { loss: listwise(), negatives: inBatch(), batchSize: 256, learningRate: 0.02, epochs, seed },
    signal,
  );
  const evaluations = await rank(terminal, model, world);
  signal.throwIfAborted();
  const findings = await recall(terminal, model, world, evaluations);
  signal.throwIfAborted();
  if (out !== undefined && modelDir !== undefined) {
    await writeWorld(out, world);
    await saveFolder(modelDir, { model, dataSchema: worldSchema, items: world.items, report: training });
  }
  terminal.result(demoJson(flags, findings, training), () => `${report(terminal, findings)}\n\n${goOn(modelDir)}`);
}

/** The model, what it has to beat, and the truth. The tables were given whole: row r of the model is row r of the catalogue. */
function rank(terminal: Terminal, model: TwoTower<Schema>, { catalogue, test }: World): Promise<Evaluation[]> {
  const { on, known } = model.trained;
  const itemCount = on.items.ids.size;
  const rankers: (() => Ranker)[] = [
    () => model.ranker(),
    () => baseline("rp3beta", known, itemCount),
    () => baseline("item-knn", known, itemCount),
    () => baseline("popularity", known, itemCount),
    () => baseline("random", known, itemCount),
    () => scoreRanker("best possible", itemCount, catalogue.trueScores),
  ];
  const pairs = encodeInteractions(on.fitted, test, on.users.ids, on.items.ids);
  return evaluateAll(terminal, rankers, {
    test: groupByUser(pairs, on.users.table.count),
    train: known,
    ks: [10, 100],
  });
}

/** Indexes the films, and looks at what comes out: against exact search, by the clock, and for three people. */
function recall(
  terminal: Terminal,
  model: TwoTower<Schema>,
  world: World,
  evaluations: readonly Evaluation[],
): Promise<Findings> {
  return stage(terminal, "index", (stage) => {
    const start = performance.now();
    const graph = model.index(hnsw());
    stage.summary = `${counted(graph.index.size, "film")} in ${seconds((performance.now() - start) / 1000)}`;
    const exact = model.index();
    const users = world.catalogue.users.map(({ userId }) => userId);
    const search = { recallAt10: agreement(graph, exact, users, 10), recallAt100: agreement(graph, exact, users, 100) };
    return { world, evaluations, search, latency: latency(graph, users, 10), people: people(world, graph, 10) };
  });
}

function demoJson({ seed }: DemoFlags, findings: Findings, training: TrainingReport): object {
  const { world, evaluations, search, latency, people } = findings;
  const { users, items } = world.catalogue;
  return {
    command: "demo",
    seed,
    catalogue: { users: users.length, items: items.length, train: world.train.length, test: world.test.length },
    training,
    rankers: evaluations.map((evaluation) => ({
      ...evaluationJson(evaluation),
      shareOfBestPossible: shareOfBest(evaluation, evaluations),
    })),
    search: { kind: "hnsw", ...search },
    latencyMs: latency,
    users: people.map(({ user, before, recommended }) => ({ user, seen: before.length, items: recommended })),
  };
}

function goOn(modelDir: string | undefined): string {
  if (modelDir === undefined)
    return "With --out DIR the demo leaves its files and its model behind, to try the other commands on.";
  return `Go on:  twotower recall ${modelDir} --user-id u7      twotower similar ${modelDir} --item-id f7`;
}
