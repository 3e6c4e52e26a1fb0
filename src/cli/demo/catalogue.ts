/**
 * An invented film service whose every choice follows a known law, so that a model can be held against the truth.
 *
 * Latent space. All directions are random unit vectors in R¹⁶: one for each genre γ, studio σ, country κ, gender η
 * and for young and old age α₀, α₁; ε is a direction of one's own. With ‖·‖ = 1 after normalising,
 *
 *   film   q = ‖ √.50 · ‖Σ γ of its genres‖ + √.30 · σ + √.20 · ε ‖
 *   user   p = ‖ √.50 · ‖κ + η + (1−a) α₀ + a α₁‖ + √.50 · ε ‖        a = (age − 16) / 65
 *
 * so features tell most of a film and half of a user; the rest only the interactions can tell.
 *
 * Choice. How much user u is drawn to film i, and what u chooses next among the films that are out and not yet seen:
 *
 *   z(u, i) = 10 · p·q + 1.2 · [u's country speaks i's language] − ½ ((year − era of u) / 18)² + b(i)
 *   p(i | u) = e^z(u,i) / Σⱼ e^z(u,j)
 *
 * with era = the year the user was 20, give or take eight, and popularity b(i) = −0.9 log(rank + 8), films ranked at
 * random: a power law with a long tail. The length in minutes means nothing, as in real data some columns do.
 *
 * Time. Users join during the first 60 % of four years, 3 % only in the last tenth; each makes a log-normal number of
 * choices at uniform times until the end. One film in twenty comes out at `lateFrom`, where the last tenth begins:
 * nobody has seen it before. Cut there, and z orders the films by their true chance to be in the test: no list
 * expects more hits than the oracle's.
 */
import { exp, log } from "../../kernels/math.ts";
import { Random } from "../../tensor/random.ts";
import { DIMENSION, direction, mix, normal } from "./directions.ts";
import { genreNames, Titles } from "./titles.ts";

// Types, not interfaces: only they fit where rows of any schema are taken.

export type CatalogueUser = {
  readonly userId: string;
  readonly country: string;
  readonly age: number;
  readonly gender: string;
};

export type CatalogueItem = {
  readonly itemId: string;
  readonly title: string;
  readonly genres: readonly string[];
  readonly year: number;
  readonly language: string;
  readonly studio: string;
  readonly minutes: number;
};

export type CatalogueInteraction = {
  readonly userId: string;
  readonly itemId: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
};

/** The rows, and the truth behind them. */
export interface Catalogue {
  readonly users: readonly CatalogueUser[];
  readonly items: readonly CatalogueItem[];
  /** In order of time. */
  readonly interactions: readonly CatalogueInteraction[];
  /** When the late films come out: cut the test here, in seconds since 1970. */
  readonly lateFrom: number;
  /** The truth: writes z(u, i) of every item, in the order of `items`, for the user at this place in `users`. */
  readonly trueScores: (user: number, out: Float32Array) => void;
}

export interface CatalogueOptions {
  readonly seed: number;
  /** 3,000 unless given. */
  readonly users?: number;
  /** 2,000 unless given. */
  readonly items?: number;
}

/** Country → the languages spoken there. */
const COUNTRIES: { readonly [country: string]: readonly string[] } = {
  Brazil: ["Portuguese"],
  Canada: ["English", "French"],
  France: ["French"],
  Germany: ["German"],
  India: ["Hindi", "English"],
  Japan: ["Japanese"],
  Kenya: ["English"],
  Mexico: ["Spanish"],
  Spain: ["Spanish"],
  Switzerland: ["German", "French"],
};
const LANGUAGES: readonly string[] = [...new Set(Object.values(COUNTRIES).flat())];
const GENDERS = ["female", "male", "other"];
const STUDIOS = 60;
const START = 1577836800; // 2020-01-01
const END = 1704067200; // 2024-01-01
const LATE_FROM: number = START + 0.9 * (END - START);

/** A film and what the law knows of it. */
interface Film {
  readonly row: CatalogueItem;
  readonly direction: Float64Array; // q
  readonly popularity: number; // b
  readonly late: boolean;
}

/** A user and what the law knows of them. */
interface Viewer {
  readonly row: CatalogueUser;
  readonly direction: Float64Array; // p
  readonly era: number;
  readonly joined: number;
  readonly choices: number;
}

/** Builds the catalogue; the same seed gives the same rows on every engine. */
export function generateCatalogue(options: CatalogueOptions): Catalogue {
  const random = new Random(options.seed);
  const films = inventFilms(options.items ?? 2000, random);
  const mostChoices = Math.floor(0.15 * films.length); // beyond, only films that hardly attract would be left
  const viewers = inventViewers(options.users ?? 3000, mostChoices, random);
  const trueScores = (user: number, out: Float32Array) => score(viewers[user], films, out);
  const scores = new Float32Array(films.length);
  const interactions = viewers.flatMap((viewer, user) => {
    trueScores(user, scores);
    return watch(viewer, films, scores, random);
  });
  return {
    users: viewers.map((viewer) => viewer.row),
    items: films.map((film) => film.row),
    interactions: interactions.sort((a, b) => a.timestamp - b.timestamp),
    lateFrom: LATE_FROM,
    trueScores,
  };
}

function inventFilms(count: number, random: Random): Film[] {
  const genreDirections = genreNames.map(() => direction(random));
  const studios = Array.from({ length: STUDIOS }, () => ({
    direction: direction(random),
    language: pick(LANGUAGES, random),
  }));
  const titles = new Titles(random);
  const ranks = random.shuffle(Array.from({ length: count }, (_, rank) => rank));
  return ranks.map((rank, row) => {
    const genres = random.shuffle(Array.from(genreNames.keys())).slice(0, 1 + random.below(3));
    const studio = random.below(STUDIOS);
    const names = genres.map((genre) => genreNames[genre]);
    const ofGenres = mix(genres.map((genre) => [1, genreDirections[genre]]));
    return {
      row: {
        itemId: `f${row + 1}`,
        title: titles.next(names),
        genres: names,
        year: 2023 - Math.floor(74 * random.next() * random.next()),
        language: random.next() < 0.8 ? studios[studio].language : pick(LANGUAGES, random),
        studio: `Studio ${studio + 1}`,
        minutes: Math.round(105 + 18 * normal(random)),
      },
      direction: mix([
        [0.5, ofGenres],
        [0.3, studios[studio].direction],
        [0.2, direction(random)],
      ]),
      popularity: -0.9 * log(rank + 8),
      late: random.next() < 0.05,
    };
  });
}

function inventViewers(count: number, mostChoices: number, random: Random): Viewer[] {
  const countries = Object.keys(COUNTRIES).map((name) => ({ name, direction: direction(random) }));
  const genders = GENDERS.map((name) => ({ name, direction: direction(random) }));
  const young = direction(random);
  const old = direction(random);
  return Array.from({ length: count }, (_, row) => {
    const country = pick(countries, random);
    const gender = genders[random.next() < 0.04 ? 2 : random.below(2)];
    const age = 16 + Math.floor(65 * random.next() * Math.sqrt(random.next()));
    const scaledAge = (age - 16) / 65;
    const background = mix([
      [1, country.direction],
      [1, gender.direction],
      [(1 - scaledAge) ** 2, young],
      [scaledAge ** 2, old],
    ]);
    const joined = random.next() < 0.03 ? LATE_FROM : START + 0.6 * (END - START) * random.next();
    return {
      row: { userId: `u${row + 1}`, country: country.name, age, gender: gender.name },
      direction: mix([
        [0.5, background],
        [0.5, direction(random)],
      ]),
      era: 2023 - age + 20 + 8 * normal(random),
      joined,
      choices: Math.min(mostChoices, Math.round(exp(3.85 + 0.6 * normal(random)))),
    };
  });
}

/** z(u, i) of every film. */
function score(viewer: Viewer, films: readonly Film[], out: Float32Array): void {
  const languages = COUNTRIES[viewer.row.country];
  films.forEach(({ row, direction, popularity }, i) => {
    let dot = 0;
    for (let d = 0; d < DIMENSION; d++) dot += viewer.direction[d] * direction[d];
    const years = (row.year - viewer.era) / 18;
    out[i] = 10 * dot + (languages.includes(row.language) ? 1.2 : 0) - 0.5 * years * years + popularity;
  });
}

/** A user's choices: at each time one of the films that are out and not yet seen, with p(i | u). */
function watch(viewer: Viewer, films: readonly Film[], scores: Float32Array, random: Random): CatalogueInteraction[] {
  const cumulative = new Float64Array(films.length);
  let total = 0;
  for (let i = 0; i < films.length; i++) cumulative[i] = total += exp(scores[i]);

  const times = Float64Array.from({ length: viewer.choices }, () =>
    Math.floor(random.between(viewer.joined, END)),
  ).sort();
  const seen = new Set<number>();
  return Array.from(times, (timestamp) => {
    let film: number;
    do film = firstAbove(cumulative, random.next() * total);
    while (seen.has(film) || (films[film].late && timestamp < LATE_FROM));
    seen.add(film);
    return { userId: viewer.row.userId, itemId: films[film].row.itemId, timestamp };
  });
}

/** The first place of an ascending list that holds more than the value. */
function firstAbove(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

function pick<T>(values: readonly T[], random: Random): T {
  return values[random.below(values.length)];
}
