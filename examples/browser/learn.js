// The model of the page, apart from the page: the worker runs it, and so can Node.

/** Trains on the film club. `twotower` is the package, from wherever it was imported. */
export async function learn(twotower, { films, watched }, onProgress) {
  const { category, id, list, listwise, tags, twoTower } = twotower;
  const filmId = id();
  const model = twoTower({
    user: { memberId: id(), likes: list(filmId, { max: 20 }) },
    item: { filmId, genres: tags(), decade: category() },
    dimension: 32,
    hidden: [64],
  });
  const items = films.map(({ filmId, genres, year }) => ({ filmId, genres, decade: `${Math.floor(year / 10)}0s` }));
  const data = { items, interactions: watched };
  const report = await model.fit(data, {
    loss: listwise({ temperature: 0.1 }),
    epochs: 10,
    unknown: 0.4, // the page recommends to newcomers by what they like: many ids are hidden, so that likes have to tell
    batchSize: 256,
    learningRate: 0.004,
    validation: "leave-one-out", // each member's last film: the model must guess it
    metric: { name: "recall", k: 20 },
    patience: 10,
    onProgress,
  });
  return { model, recaller: model.index(items), report };
}
