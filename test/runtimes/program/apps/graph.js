// The approximate index alone, from the main entry: everything else must fall away.
import { HnswIndex } from "twotower";

globalThis.run = ({ dimension, ids, vectors, query }) => {
  const index = new HnswIndex({ dimension });
  index.addMany(ids, vectors);
  return index.search(query, 3).ids;
};
