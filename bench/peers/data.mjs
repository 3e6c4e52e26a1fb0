// The data every JavaScript peer steps on: as large as ML-1M, random. Numbers as bench/model.ts and pytorch.py have them.
export const USERS = 6040;
export const ITEMS = 3706;
export const CATEGORIES = [3, 8, 22];
export const GENRES = 19;

const draw = (count, below) => Int32Array.from({ length: count }, () => Math.floor(Math.random() * below));
const columns = CATEGORIES.map((rows) => draw(USERS, rows));
const genres = draw(2 * ITEMS, GENRES);

/** The rows of a random batch. */
export function batchOf(size) {
  const users = draw(size, USERS);
  const items = draw(size, ITEMS);
  return {
    users,
    categories: columns.map((column) => users.map((user) => column[user])),
    items,
    genres: Int32Array.from({ length: 2 * size }, (_, i) => genres[2 * items[i >> 1] + (i & 1)]),
  };
}

export const uniform = (size, limit) => Float32Array.from({ length: size }, () => (2 * Math.random() - 1) * limit);

/** Shapes of all parameters: tables, then the layers of both towers. */
export const shapes = {
  userId: [USERS, 64],
  gender: [CATEGORIES[0], 16],
  age: [CATEGORIES[1], 16],
  occupation: [CATEGORIES[2], 16],
  itemId: [ITEMS, 64],
  genres: [GENRES, 16],
  userHidden: [112, 128],
  userHiddenBias: [128],
  userOut: [128, 64],
  userOutBias: [64],
  itemHidden: [80, 128],
  itemHiddenBias: [128],
  itemOut: [128, 64],
  itemOutBias: [64],
};

/** Times steps for about `seconds`, two at least, and prints the median as a figure. */
export async function report(peer, batch, step, seconds = 5) {
  await step(); // compiles
  const times = [];
  const end = performance.now() + 1000 * seconds;
  while (times.length < 2 || performance.now() < end) {
    const start = performance.now();
    const loss = await step();
    if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss}`);
    times.push(performance.now() - start);
  }
  const value = (1000 * batch) / times.sort((a, b) => a - b)[times.length >> 1];
  console.log(JSON.stringify({ name: `step/${batch}`, peer, value, unit: "examples/s" }));
}
