import type { Schema } from "../../features/declare.ts";
import type { Recaller } from "../../recall/recaller.ts";

/** How much of exact search's lists an approximate one finds: Σ |approximate ∩ exact| / Σ |exact|, over users. */
export function agreement(
  approximate: Recaller<Schema>,
  exact: Recaller<Schema>,
  users: readonly string[],
  k: number,
): number {
  let wanted = 0;
  let found = 0;
  for (const user of users) {
    const ids = new Set(approximate.recall(user, k).map(({ id }) => id));
    for (const { id } of exact.recall(user, k)) {
      wanted++;
      if (ids.has(id)) found++;
    }
  }
  return found / wanted;
}

/** Milliseconds that one recall takes: half of them take no longer than `p50`, 99 in 100 no longer than `p99`. */
export interface Latency {
  readonly recalls: number;
  readonly p50: number;
  readonly p99: number;
}

/** Times recalls one by one, as requests come: user id → user tower → search without what the user has seen → ids. */
export function latency(recaller: Recaller<Schema>, users: readonly string[], k: number): Latency {
  for (const user of users.slice(0, 300)) recaller.recall(user, k); // the engine compiles what runs often
  const times = users
    .map((user) => {
      const start = performance.now();
      recaller.recall(user, k);
      return performance.now() - start;
    })
    .sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(share * times.length))];
  return { recalls: times.length, p50: at(0.5), p99: at(0.99) };
}
