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

/** Puts a score into its place in the sorted list, if it has one: behind its equals, whose columns are smaller. */
function offer(score: f32, column: i32, k: i32, columns: usize, values: usize): void {
  const last = <usize>(k - 1) << 2;
  if (!(score > load<f32>(values + last))) return;
  let low = 0, high = k - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<f32>(values + (<usize>middle << 2)) >= score) low = middle + 1;
    else high = middle;
  }
  const place = <usize>low << 2;
  // What stands behind moves by one, from the end, four at a time.
  let at = last;
  for (; at >= place + 16; at -= 16) {
    v128.store(values + at - 12, v128.load(values + at - 16));
    v128.store(columns + at - 12, v128.load(columns + at - 16));
  }
  for (; at > place; at -= 4) {
    store<f32>(values + at, load<f32>(values + at - 4));
    store<i32>(columns + at, load<i32>(columns + at - 4));
  }
  store<f32>(values + place, score);
  store<i32>(columns + place, column);
}
