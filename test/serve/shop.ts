import { withAttributes } from "../../src/ann/with-attributes.ts";
import { category, id, number, type Recaller, tags, twoTower } from "../../src/index.ts";

const KINDS = { genres: "category", year: "number" } as const;

/** Two tastes, even and odd, known by ids that look like numbers. */
export const movies = Array.from({ length: 40 }, (_, i) => ({
  movieId: i,
  genres: [i % 2 ? "Comedy" : "War", `shelf ${i % 5}`],
  year: 1980 + i,
}));
const users = Array.from({ length: 30 }, (_, i) => ({ userId: i, country: i % 2 ? "KR" : "DE", age: 20 + i }));
const interactions = users.flatMap(({ userId }) =>
  Array.from({ length: 6 }, (_, n) => ({ userId, movieId: (2 * ((userId * 7 + n * 3) % 20) + (userId % 2)) % 40 })),
);

/** A model that has learnt a little of them; `seed` makes another. */
export async function shopModel(seed = 1) {
  const model = twoTower({
    user: { userId: id(), country: category(), age: number({ bins: 4 }) },
    item: { movieId: id(), genres: tags(), year: number() },
    dimension: 16,
  });
  await model.fit({ users, items: movies, interactions }, { epochs: 2, batchSize: 64, seed });
  return model;
}

/** A recaller that knows the genres and years of its items. */
export function shopRecaller(model: Awaited<ReturnType<typeof shopModel>>): Recaller<typeof model.schema> {
  const { index } = model.index(movies);
  const attributed = withAttributes(index, KINDS);
  attributed.describe(movies.map((movie) => [String(movie.movieId), movie]));
  return model.recaller(attributed);
}
