/** Who chose what: pairs of row numbers into the tables of users and items. Positives only. */
export interface Interactions {
  readonly users: Int32Array;
  readonly items: Int32Array;
  /** Seconds since 1970, where known. */
  readonly timestamps?: Timestamps | undefined;
  /** Importance of each pair; 1 where absent. */
  readonly weights?: Float32Array | undefined;
}

/** Whole seconds from 1970 to 2106, as most data have them, in 4 bytes each; any other times in 8. */
export type Timestamps = Uint32Array | Float64Array;

/** Times in the smaller form that holds them. */
export function compact(times: Float64Array): Timestamps {
  const whole = Uint32Array.from(times);
  return whole.every((time, i) => time === times[i]) ? whole : times;
}

/** The items of each user, ascending and without duplicates: user u has items[offsets[u] … offsets[u+1]). */
export interface UserItems {
  readonly offsets: Int32Array;
  readonly items: Int32Array;
}

/** Groups pairs by user by counting sort; O(pairs + users). */
export function groupByUser(pairs: Pick<Interactions, "users" | "items">, userCount: number): UserItems {
  const { users, items } = pairs;
  const starts = new Int32Array(userCount + 1);
  for (let p = 0; p < users.length; p++) starts[users[p] + 1]++;
  for (let u = 0; u < userCount; u++) starts[u + 1] += starts[u];

  const grouped = new Int32Array(users.length);
  const next = starts.slice(0, userCount);
  for (let p = 0; p < users.length; p++) grouped[next[users[p]]++] = items[p];

  const offsets = new Int32Array(userCount + 1);
  let kept = 0;
  for (let u = 0; u < userCount; u++) {
    const own = grouped.subarray(starts[u], starts[u + 1]).sort();
    for (let i = 0; i < own.length; i++) if (i === 0 || own[i] !== own[i - 1]) grouped[kept++] = own[i];
    offsets[u + 1] = kept;
  }
  return { offsets, items: kept === grouped.length ? grouped : grouped.slice(0, kept) };
}
