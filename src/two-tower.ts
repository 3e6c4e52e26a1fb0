import { exact, type IndexFactory, madeBy } from "./ann/index-factory.ts";
import type { VectorIndex } from "./ann/vector-index.ts";
import { TwoTowerError } from "./errors.ts";
import { type Evaluation, type EvaluationTask, evaluate, metricAt } from "./evaluation/evaluate.ts";
import type { CandidateScorer, Ranker } from "./evaluation/ranker.ts";
import { vectorRanker } from "./evaluation/vector-ranker.ts";
import { checkSchema } from "./features/check-schema.ts";
import type { Features, Schema } from "./features/declare.ts";
import { encodeDataset, encodeInteractions } from "./features/encode-dataset.ts";
import { exampleAges, readsExampleAge } from "./features/example-ages.ts";
import { fitSchema } from "./features/fit-schema.ts";
import type { FittedSchema } from "./features/fitted-schema.ts";
import { groupByUser, type Interactions } from "./features/interactions.ts";
import { callback, expectKinds, type Kind } from "./features/kinds.ts";
import { checkKeys, show } from "./features/options.ts";
import type { Dataset, InteractionRow, ItemRow, OneIdEach, RowsOf, UserRow } from "./features/rows.ts";
import type { Engine } from "./kernels/engine.ts";
import { createThreadedEngine } from "./kernels/threads.ts";
import { createServingEngine } from "./kernels/wasm.ts";
import { listwise } from "./losses/listwise.ts";
import { checkedOptions } from "./model/expect-options.ts";
import { extended, grow } from "./model/extend.ts";
import { Network } from "./model/network.ts";
import type { ModelOptions, ResolvedOptions } from "./model/options.ts";
import { encodeModel } from "./model/save.ts";
import { networkShape, type TrainedOn } from "./model/state.ts";
import { smoothDecay } from "./optim/schedules.ts";
import type { Recaller } from "./recall/recaller.ts";
import { TrainedModel } from "./recall/trained-model.ts";
import { checksum } from "./tensor/checksum.ts";
import { Random } from "./tensor/random.ts";
import { defaultsFor } from "./training/defaults.ts";
import { type FitReport, fit } from "./training/fit.ts";
import { expectFitOptions, type FitOptions } from "./training/fit-options.ts";
import { holdOut } from "./training/hold-out.ts";
import type { Side } from "./training/self-supervision.ts";

/** Declares a two-tower model. The schema gives its rows their types: a misspelt column does not compile. */
export function twoTower<const U extends Features, const I extends Features>(
  options: { readonly user: U; readonly item: I } & OneIdEach<{ user: U; item: I }> & ModelOptions,
): TwoTower<{ readonly user: U; readonly item: I }> {
  return new TwoTower<{ readonly user: U; readonly item: I }>({ user: options?.user, item: options?.item }, options);
}

/**
 * A user tower and an item tower whose vectors' cosine is the match score.
 *   fit: rows → columns → batches → towers → loss      index: item rows → vectors → recaller
 */
export class TwoTower<S extends Schema> {
  readonly schema: S;
  readonly options: ResolvedOptions;
  #trained: TrainedModel<S> | undefined;
  #isFitting = false;

  constructor(schema: S, options: ModelOptions = {}) {
    checkSchema(schema);
    this.schema = schema;
    this.options = checkedOptions(schema, options);
  }

  /** Learns, from scratch or with `warmStart` further. If it fails or is aborted, the model stays what it was. */
  async fit(data: Dataset<S>, options: FitOptions<S> = {}): Promise<FitReport> {
    expectData("fit", data, "interactions");
    expectFitOptions(options);
    this.#expectIdle("fit");
    this.#isFitting = true;
    try {
      const { engine, threads, stop } = await createThreadedEngine(options.threads ?? 1);
      try {
        return { ...(await this.#fitIn(engine, data, options)), threads };
      } finally {
        stop();
      }
    } finally {
      this.#isFitting = false;
    }
  }

  /**
   * Makes the model know new rows without learning: users and items, what their ids and categories are called, who chose
   * what. Weights stay; new ids and categories begin with what the model thinks of unknown ones, until the next `fit`
   * with `warmStart`. Rows of ids known before replace the old ones. Returns how many users and items are new.
   */
  extend(data: Partial<Dataset<S>>): { readonly users: number; readonly items: number } {
    this.#expectIdle("extend");
    expectData("extend", data);
    const { on, network } = this.trained;
    const more = extended(on, data as Partial<Dataset<Schema>>);
    const grown = new Network(createServingEngine(), networkShape(more.fitted, this.options.towers), new Random(0));
    grow(grown, network.weights());
    this.#trained = new TrainedModel(this.schema, this.options, more, grown);
    return { users: more.users.ids.size - on.users.ids.size, items: more.items.ids.size - on.items.ids.size };
  }

  /** What a training under way would overwrite when it ends must wait for it. */
  #expectIdle(method: string): void {
    if (this.#isFitting)
      throw new TwoTowerError(
        "BAD_ARGUMENT",
        `${method}: this model is learning already; await that, or make another model`,
      );
  }

  async #fitIn(engine: Engine, data: Dataset<S>, options: FitOptions<S>): Promise<Omit<FitReport, "threads">> {
    const seed = options.seed ?? 1;
    const former = options.warmStart ? this.trained : undefined;
    const fitted = erased(
      fitSchema(this.schema, data, this.options.dimension, former?.on.fitted as FittedSchema<S> | undefined),
    );
    const { users, items, interactions: all } = encodeDataset(fitted, data as Dataset<Schema>);
    const heldOut = holdOut(fitted, all, users.ids, items.ids, options.validation, seed);
    const on: TrainedOn = { fitted, users, items, interactions: heldOut.train };
    const network = new Network(engine, networkShape(fitted, this.options.towers), new Random(seed));
    if (former) grow(network, former.network.weights());
    const trained = new TrainedModel(this.schema, this.options, on, network);

    const impressions =
      data.impressions &&
      groupByUser(
        encodeInteractions(fitted, data.impressions, users.ids, items.ids, { unknown: "skip" }),
        users.table.count,
      );
    const loss = options.loss ?? listwise();
    const metric = options.metric ?? { name: "ndcg", k: 20 };
    const { validation } = heldOut;
    const oneVectorPerUser = trained.histories.unordered && !readsExampleAge(fitted.users);
    const usual = defaultsFor({
      loss,
      itemCount: items.table.count,
      pairs: heldOut.train.users.length,
      oneVectorPerUser,
      negatives: options.negatives,
    });
    const numbers = {
      learningRate: options.learningRate ?? usual.learningRate,
      batchSize: options.batchSize ?? usual.batchSize,
      epochs: options.epochs ?? 30,
      dropout: options.dropout ?? 0,
      unknown: options.unknown ?? 0.05,
      patience: options.patience ?? 3,
      seed,
    };
    const { negatives } = usual;
    const optimiser = options.optimiser ?? usual.optimiser;
    const report = await fit(
      network,
      {
        users: users.table,
        items: items.table,
        interactions: heldOut.train,
        known: trained.known,
        impressions,
        model: {
          items: () => network.item.embed(items.table),
          users: (rows) => network.user.vectors(users.table, rows, trained.histories.of(rows, users.table)),
        },
        historyBefore: (pairs) => ({
          ...trained.histories.before(pairs),
          ...exampleAges(fitted.users, heldOut.train, pairs),
        }),
        wholeHistory: oneVectorPerUser ? (users) => trained.histories.whole(users) : undefined,
        order: (random) => trained.histories.inRuns(random),
      },
      {
        loss,
        negatives,
        optimiser,
        schedule: options.schedule ?? smoothDecay(0.1),
        ...numbers,
        selfSupervised: options.selfSupervision?.build(sidesOf(trained)),
        onProgress: options.onProgress,
        signal: options.signal,
        onCheckpoint: options.onCheckpoint,
        resume: options.resume,
        task: () => ({
          "data, schema or model options": checksum(encodeModel(network, on, this.options.given)),
          "validation data or impressions": [
            validation?.users,
            validation?.items,
            impressions?.offsets,
            impressions?.items,
          ].map((rows) => rows && checksum(new Uint8Array(rows.slice().buffer))),
          loss: { name: loss.name, ...loss.options },
          optimiser: optimiser.options,
          negatives,
          ...numbers,
          metric,
          selfSupervision: options.selfSupervision,
        }),
        validate: validation && (() => metricAt(validationOf(trained, validation, metric.k), metric.name, metric.k)),
      },
    );
    this.#trained = trained;
    return report;
  }

  /**
   * Ranks the whole catalogue for every user of the test rows, training items masked. Test rows with users or items
   * that the model does not know are left out and counted in `skipped`.
   */
  evaluate(
    test: RowsOf<InteractionRow<S>>,
    task: Omit<Partial<EvaluationTask>, "test" | "train"> = {},
  ): Evaluation & { readonly skipped: number } {
    expectKinds("evaluate", task, {
      ks: [Array.isArray, "a list of numbers, such as [10]"],
      masks: listOf("offsets"),
      slices: listOf("name"),
      onLists: callback,
    });
    const { on, known } = this.trained;
    const pairs = encodeInteractions(on.fitted, test, on.users.ids, on.items.ids, { unknown: "skip" });
    const userCount = on.users.table.count;
    const result = evaluate(this.ranker(), { ...task, test: groupByUser(pairs, userCount), train: known });
    return { ...result, skipped: pairs.skipped };
  }

  /** Exact ranking of the training catalogue for the training users: what evaluation measures. */
  ranker(): Ranker & CandidateScorer {
    return rankerOf(this.trained);
  }

  /** Vectors of any users' rows, known or new: [rows, dimension], row-major, each of length 1. */
  embedUsers(rows: RowsOf<UserRow<S>>): Float32Array {
    return this.trained.embedUsers(rows);
  }

  /** Vectors of any items' rows, known or new: [rows, dimension], row-major, each of length 1. */
  embedItems(rows: RowsOf<ItemRow<S>>): Float32Array {
    return this.trained.embedItems(rows);
  }

  /**
   * Indexes item vectors and returns what recalls from them. Without rows: the items of the training data. Rows may
   * be of items that training never saw; their features place them, and an index with attributes takes those from them.
   * `exact()` compares with every item, the best for up to some 20,000; beyond, `hnsw()` of twotower/hnsw walks a graph.
   */
  index(kind?: IndexFactory): Recaller<S>;
  index(items: Iterable<ItemRow<S>> | undefined, kind?: IndexFactory): Recaller<S>;
  index(first?: Iterable<ItemRow<S>> | IndexFactory, second?: IndexFactory): Recaller<S> {
    const [items, kind = exact()] = typeof first === "function" ? [undefined, first] : [first, second];
    const index = madeBy(kind, this.options.dimension);
    if (!index || (typeof first === "function" && second !== undefined))
      throw new TwoTowerError(
        "BAD_ARGUMENT",
        `index: ${show(first)}, ${show(second)}; expected rows of items, if not those of the training, then exact() or hnsw()`,
      );
    if (items !== undefined && (typeof items === "string" || typeof items?.[Symbol.iterator] !== "function"))
      throw new TwoTowerError("BAD_ARGUMENT", `index: the items are ${show(items)}; expected an array of rows`);
    const { on, network } = this.trained;
    const rows = items && [...items];
    const ids = rows ? rows.map((row) => this.trained.itemId(row)) : [...on.items.ids];
    const vectors = rows ? this.embedItems(rows) : network.item.embed(on.items.table);
    const recaller = this.recaller(index);
    index.addMany(ids, vectors, rows);
    return recaller;
  }

  /** A recaller on an index that holds this model's item vectors by item id: one loaded from a file, say. */
  recaller(index: VectorIndex<string>): Recaller<S> {
    return this.trained.recaller(index);
  }

  /** The whole model in one safetensors file: weights, schema, vocabularies, and what it was trained on. */
  save(): Uint8Array {
    const { on, network } = this.trained;
    return encodeModel(network, on, this.options.given);
  }

  /** A model from the bytes of `save`. Rows are then checked when they come, not by the compiler. */
  static load(bytes: Uint8Array): TwoTower<Schema> {
    const trained = TrainedModel.load(bytes);
    const model = new TwoTower(trained.schema, trained.options.given);
    model.#trained = trained;
    return model;
  }

  /** What training left behind, and all that serving needs. Throws BAD_ARGUMENT before the first `fit`. */
  get trained(): TrainedModel<S> {
    if (!this.#trained)
      throw new TwoTowerError(
        "BAD_ARGUMENT",
        "this model has learnt nothing yet: await model.fit(…) first, or load one",
      );
    return this.#trained;
  }
}

function rankerOf<S extends Schema>({ on, network, histories }: TrainedModel<S>): Ranker & CandidateScorer {
  const users = network.user.embed(on.users.table, (rows) => histories.of(rows, on.users.table));
  const items = network.item.embed(on.items.table);
  return vectorRanker(users, items, items.length / on.items.table.count);
}

function validationOf<S extends Schema>(trained: TrainedModel<S>, validation: Interactions, k: number): Evaluation {
  const { on, known } = trained;
  const test = groupByUser(validation, on.users.table.count);
  return evaluate(rankerOf(trained), { test, train: known, ks: [k] });
}

/** Both sides of a model, as self-supervision sees them. */
function sidesOf({ on, network, histories }: Pick<TrainedModel, "on" | "network" | "histories">): Side[] {
  const features = (side: "users" | "items"): string[] => on.fitted[side].features.map(({ feature }) => feature);
  return [
    {
      name: "user",
      tower: network.user,
      table: on.users.table,
      features: features("users"),
      idFeature: on.fitted.users.id.name,
      history: (rows) => histories.of(rows, on.users.table),
    },
    {
      name: "item",
      tower: network.item,
      table: on.items.table,
      features: features("items"),
      idFeature: on.fitted.items.id.name,
    },
  ];
}

/** Throws BAD_ARGUMENT for a misspelt part of the data, which would be left out without a word. */
function expectData(method: string, data: object, needed = ""): void {
  if (typeof data !== "object" || data === null || (needed && !(needed in data)))
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      `${method}: the data are ${show(data)}: expected { interactions }, and users and items where they have features`,
    );
  checkKeys(`${method} data`, data, ["interactions", "users", "items", "impressions"], "BAD_ARGUMENT");
}

/** A list of objects that have this key. */
const listOf = (key: string): Kind => [
  (list) => Array.isArray(list) && list.every((one) => typeof one === "object" && one !== null && key in one),
  `a list of objects with ${key}`,
];

/** The same fitted schema without the types of its rows, which only this class's callers need. */
const erased = <S extends Schema>(fitted: FittedSchema<S>): FittedSchema => fitted as unknown as FittedSchema;
