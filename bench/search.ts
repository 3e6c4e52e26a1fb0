import type { Figure, Wanted } from "./figure.ts";
import { DIMENSION as d, type SearchData, searchData } from "./search-data.ts";
import { exactFigures } from "./search-exact.ts";
import { filters } from "./search-filter.ts";
import { keptFigures } from "./search-kept.ts";
import { churnFigures, growthFigures, snapshotFigures, threadFigures } from "./search-life.ts";
import { at, type Built, build, EF_CONSTRUCTION, M, middle, type Point, searchAll } from "./search-measure.ts";
import { startPeers } from "./search-peers.ts";
import { shardFigures } from "./search-shards.ts";

const EFS = [12, 16, 24, 32, 48, 64, 96, 128];
const ROUNDS = 5;

/**
 * Search by single queries, one call each, one thread, in turns with hnswlib and others on the same vectors: "search/A" has
 * 100,000 × 64, "search/B" a million, which takes minutes and must be asked for by name. Then filters, what to keep of vectors, and exact
 * search. And the life of an index: growth, churn, snapshots, threads. "search/shards", more than 4 GiB, must be asked for as well.
 */
export async function searchBench(wanted: Wanted): Promise<Figure[]> {
  const figures: Figure[] = [];
  const everything = wanted("kernels/");
  const lives = ["search/churn", "search/snapshot", "search/threads"];
  if (wanted("search/growth")) figures.push(...growthFigures());
  if (lives.some(wanted)) {
    const data = searchData(100_000);
    if (wanted("search/churn")) figures.push(...churnFigures(data));
    if (wanted("search/snapshot") || wanted("search/threads")) {
      const built = build(data);
      if (wanted("search/snapshot")) figures.push(...(await snapshotFigures(built.index)));
      if (wanted("search/threads")) figures.push(...(await threadFigures(data, built)));
    }
  }
  if (["search/A", "search/filter", "search/kept", "search/exact"].some(wanted)) {
    const data = searchData(100_000);
    if (wanted("search/A") || wanted("search/filter")) {
      const built = build(data);
      if (wanted("search/A")) figures.push(...(await compare("search/A", data, built, !everything)));
      if (wanted("search/filter")) figures.push(...filters(data, built.index));
    }
    if (wanted("search/kept")) figures.push(...keptFigures(data));
    if (wanted("search/exact")) figures.push(...exactFigures(data));
  }
  if (wanted("search/shards") && !everything) figures.push(...(await shardFigures()));
  if (wanted("search/B") && !everything) {
    const data = searchData(1_000_000);
    figures.push(...(await compare("search/B", data, build(data), false)));
  }
  return figures;
}

async function compare(
  name: string,
  data: SearchData,
  { index, seconds }: Built,
  everyone: boolean,
): Promise<Figure[]> {
  const n = index.size;
  const peers = await startPeers(data, M, EF_CONSTRUCTION, everyone);
  const ours: Point[][] = EFS.map(() => []);
  const theirs = peers.map((): Point[][] => EFS.map(() => []));
  for (let round = 0; round <= ROUNDS; round++)
    for (const [i, ef] of EFS.entries()) {
      // Twice, and the second counts: whoever's turn it was before has filled the caches with his own.
      searchAll(index, data, ef);
      ours[i].push(searchAll(index, data, ef));
      for (const [p, peer] of peers.entries()) {
        await peer.search(ef);
        theirs[p][i].push(await peer.search(ef));
      }
    }
  for (const peer of peers) peer.close();
  const curve = ours.map(middle);
  const rivals = theirs.map((points) => points.map(middle));
  const links = 2 * M * 4 + ((20 * M) / 256) * 4;
  const needed = n * (d + 4 * d + links);
  const figures: Figure[] = [
    { name: `${name}/build`, value: n / seconds, unit: "items/s" },
    { name: `${name}/memory`, value: index.byteLength, unit: "bytes", limit: needed, ratio: index.byteLength / needed },
  ];
  for (const [i, ef] of EFS.entries())
    figures.push({ name: `${name}/ef ${ef}`, value: curve[i].qps, unit: "queries/s", recall: curve[i].recall });
  for (const [p, peer] of peers.entries()) {
    const built = peer.buildSeconds && n / peer.buildSeconds;
    if (built)
      figures.push({
        name: `${name}/build of ${peer.name}`,
        value: n / seconds,
        unit: "items/s",
        ...limitOf(n / seconds, built),
      });
    for (const [i, ef] of EFS.entries()) {
      const { qps, recall } = rivals[p][i];
      figures.push({ name: `${name}/${peer.name} ef ${ef}`, value: qps, unit: "queries/s", recall });
    }
  }
  for (const recall of [0.95, 0.99]) {
    const value = at(curve, recall);
    for (const [p, peer] of peers.entries())
      figures.push({
        name: `${name}/at ${recall} of ${peer.name}`,
        value,
        unit: "queries/s",
        recall,
        ...limitOf(value, at(rivals[p], recall)),
      });
    if (peers.length === 0) figures.push({ name: `${name}/at ${recall}`, value, unit: "queries/s", recall });
  }
  return figures;
}

/** Beside a peer, the peer's figure stands where a machine's limit would. */
function limitOf(value: number, peer: number | undefined): Pick<Figure, "limit" | "ratio"> {
  return peer ? { limit: peer, ratio: value / peer } : {};
}
