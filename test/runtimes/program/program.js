// The one program that every runtime runs on the installed package: train, index, recall, save, load, go on.
// It knows nothing of where it runs. What it returns must be the same to the last bit everywhere.

/** Two tastes and a few accidents: enough to exercise every kind of feature. */
function catalogue() {
  const items = Array.from({ length: 120 }, (_, i) => ({
    itemId: `i${i}`,
    genres: i % 2 === 0 ? ["quiet", `shelf ${i % 7}`] : ["loud", "fast"],
    year: 1980 + (i % 40),
    added: 1_600_000_000 + 86_400 * i,
  }));
  const users = Array.from({ length: 80 }, (_, u) => ({
    userId: `u${u}`,
    country: ["KR", "US", "DE"][u % 3],
    age: u % 11 === 0 ? null : 18 + (u % 50),
  }));
  let state = 12345;
  const below = (n) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % n;
  };
  const interactions = users.flatMap(({ userId }, u) =>
    Array.from({ length: 12 }, (_, n) => ({
      userId,
      itemId: `i${2 * below(60) + (below(10) === 0 ? 1 - (u % 2) : u % 2)}`,
      timestamp: 1_700_000_000 + 1000 * u + n,
    })),
  );
  return { users, items, interactions };
}

/**
 * @param {typeof import("twotower") & typeof import("twotower/hnsw")} twotower Both entries in one.
 * @param {object} options Whatever else `fit` should be told, such as a number of threads.
 */
export async function program(twotower, options = {}) {
  const { category, HnswIndex, hnsw, id, list, listwise, number, TwoTower, tags, timestamp, twoTower } = twotower;
  const { users, items, interactions } = catalogue();
  const itemId = id();
  const model = twoTower({
    user: { userId: id(), country: category(), age: number({ bins: 4 }), history: list(itemId, { max: 5 }) },
    item: { itemId, genres: tags(), year: number(), added: timestamp() },
    dimension: 32,
    hidden: [48],
  });
  const started = performance.now();
  const report = await model.fit(
    { users, items, interactions },
    {
      epochs: 4,
      batchSize: 64,
      learningRate: 0.01,
      dropout: 0.1,
      seed: 7,
      loss: listwise({ learnTemperature: true }),
      validation: "leave-one-out",
      ...options,
    },
  );

  const graph = model.index(items, hnsw({ M: 8, efConstruction: 64 }));
  const exact = model.index(items);
  const asked = ["u0", "u1", { country: "KR", age: 30, history: ["i3", "i5", "i9"] }];
  const topK = (recaller) => asked.map((user) => recaller.recall(user, 10).map(({ id, score }) => [id, score]));
  const saved = model.save();
  const savedGraph = graph.index.toBytes();

  const loaded = TwoTower.load(saved);
  const onward = loaded.recaller(HnswIndex.fromBytes(savedGraph));
  const same = JSON.stringify(topK(onward)) === JSON.stringify(topK(graph));
  const newcomer = { itemId: "new", genres: ["quiet"], year: 2001, added: 1_700_000_000 };
  for (const recaller of [graph, onward]) {
    recaller.add([newcomer]);
    recaller.remove("i7");
  }

  return {
    seconds: (performance.now() - started) / 1000,
    threads: report.threads,
    bits: {
      losses: report.epochs.map(({ loss }) => loss),
      weights: await sha256(saved),
      graph: await sha256(savedGraph),
      exact: await sha256(exact.index.toBytes()),
      topK: { graph: topK(graph), exact: topK(exact) },
      similar: exact.similar("i10", 5).map(({ id }) => id),
      loaded: { same, model: (await sha256(loaded.save())) === (await sha256(saved)) },
      goneOn: [await sha256(graph.index.toBytes()), await sha256(onward.index.toBytes())],
    },
  };
}

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
