// The approximate index alone: nothing of towers may be in the bundle.
import { HnswIndex } from "twotower/hnsw";

globalThis.run = ({ dimension, ids, vectors, query }) => {
  const index = new HnswIndex({ dimension });
  index.addMany(ids, vectors);
  return index.search(query, 3).ids;
};
