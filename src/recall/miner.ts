import { createIndex } from "../ann/create-index.ts";
import type { VectorIndex } from "../ann/vector-index.ts";
import type { Network } from "../model/network.ts";
import type { Histories, TrainedOn } from "../model/state.ts";
import type { Miner } from "../sampling/hard-items.ts";

/** Mines hard negatives with what also serves: the model's item vectors in an index, asked by its user vectors. */
export function indexMiner(model: {
  readonly on: TrainedOn;
  readonly network: Network;
  readonly histories: Histories;
}): Miner {
  const { on, network, histories } = model;
  const { count } = on.items.table;
  const ids = Array.from({ length: count }, (_, row) => String(row));
  let index: VectorIndex<string> | undefined;
  return {
    refresh() {
      const vectors = network.item.embed(on.items.table);
      index = createIndex(count, { dimension: vectors.length / count });
      index.addMany(ids, vectors);
    },
    ranked(users, k) {
      if (!index) this.refresh();
      const vectors = network.user.vectors(on.users.table, users, histories.of(users, on.users.table));
      const d = vectors.length / users.length;
      return Array.from(
        users,
        (_, i) =>
          index!.searchRows(vectors.subarray(i * d, (i + 1) * d), Math.min(k, count), { ef: Math.min(k, count) }).rows,
      );
    },
  };
}
