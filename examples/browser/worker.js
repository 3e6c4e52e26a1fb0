// Everything heavy happens here: the page stays at sixty frames a second while the model learns.
// A worker reads no import map, so the package is named by its file; with a bundler this is simply "twotower".
import * as twotower from "../node_modules/twotower/dist/index.js";
import { filmClub } from "./catalogue.js";
import { learn } from "./learn.js";

const club = filmClub();
const filmOf = new Map(club.films.map((film) => [film.filmId, film]));
postMessage({ kind: "club", films: club.films, members: 900, watched: club.watched.length });

const { recaller, report } = await learn(twotower, club, (progress) => postMessage({ kind: "progress", progress }));
postMessage({ kind: "learnt", report });

self.onmessage = ({ data: { likes, sent } }) => {
  const times = [];
  let best = [];
  for (let i = 0; i < 50; i++) {
    const start = performance.now();
    best = recaller.recall({ likes }, 8, { exclude: likes });
    times.push(performance.now() - start);
  }
  const median = times.sort((a, b) => a - b)[25];
  const recommendations = best.map(({ id, score }) => ({ ...filmOf.get(id), score }));
  postMessage({ kind: "recommended", likes, recommendations, milliseconds: median, sent });
};
