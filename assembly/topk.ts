// The k best of a row: a sorted list of the best so far. Most scores fail the comparison with its worst entry, four at
// a time; the few that pass are inserted from the end.

/** The k largest of each row of x[m,n], largest first; of equals the smaller column first. Padded with −1 and −∞. */
export function topK(x: usize, m: i32, n: i32, k: i32, columns: usize, values: usize): void {
  const listBytes = <usize>k << 2;
  for (let i = 0; i < m; i++, columns += listBytes, values += listBytes) {
    for (let j = 0; j < k; j++) {
      store<i32>(columns + (<usize>j << 2), -1);
      store<f32>(values + (<usize>j << 2), -Infinity);
    }
    if (k == 0) {
      x += <usize>n << 2;
      continue;
    }
    const worst = values + listBytes - 4;
    let j = 0;
    for (; j + 4 <= n; j += 4, x += 16) {
      // Strictly above the worst: an equal score in a later column does not displace it. NaN compares as false.
      if (!v128.any_true(f32x4.gt(v128.load(x), v128.load32_splat(worst)))) continue;
      for (let e = 0; e < 4; e++) offer(load<f32>(x + (<usize>e << 2)), j + e, k, columns, values);
    }
    for (; j < n; j++, x += 4) offer(load<f32>(x), j, k, columns, values);
  }
}

/** Puts a score into its place in the sorted list, if it has one. */
function offer(score: f32, column: i32, k: i32, columns: usize, values: usize): void {
  let at = <usize>(k - 1) << 2;
  if (!(score > load<f32>(values + at))) return;
  for (; at > 0; at -= 4) {
    const before = load<f32>(values + at - 4);
    if (before >= score) break;
    store<f32>(values + at, before);
    store<i32>(columns + at, load<i32>(columns + at - 4));
  }
  store<f32>(values + at, score);
  store<i32>(columns + at, column);
}
