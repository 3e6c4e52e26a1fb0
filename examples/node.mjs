// Node: train on a film club, save the model and its index, load them again, recommend.
//   npm install && node node.mjs
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as twotower from "twotower";
import { loadIndex, loadModel, saveIndex, saveModel } from "twotower/files";
import { filmClub } from "./browser/catalogue.js";
import { learn } from "./browser/learn.js";

const club = filmClub();
const { model, recaller } = await learn(twotower, club, ({ epoch, validation }) => {
  if (validation !== undefined) console.log(`epoch ${epoch}: recall@20 ${validation.toFixed(3)}`);
});

const folder = await mkdtemp(join(tmpdir(), "film-club-"));
await saveModel(join(folder, "model.safetensors"), model);
await saveIndex(join(folder, "films.safetensors"), recaller.index);

const served = (await loadModel(join(folder, "model.safetensors"))).recaller(
  await loadIndex(join(folder, "films.safetensors")),
);
const titles = new Map(club.films.map(({ filmId, title }) => [filmId, title]));
console.log("For member 7:");
for (const { id, score } of served.recall("m7", 5)) console.log(`  ${score.toFixed(3)}  ${titles.get(id)}`);
