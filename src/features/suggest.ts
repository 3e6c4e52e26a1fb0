/** ` (did you mean "genres"?)` when one of `known` is within two slips of `word`, or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  let best: string | undefined;
  let fewest = Math.min(3, word.length); // two slips at most, and never all of a short word
  for (const candidate of known) {
    const slips = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (slips < fewest) [best, fewest] = [candidate, slips];
  }
  return best === undefined ? "" : ` (did you mean "${best}"?)`;
}

/** `"user", "item"`: names as a reader should see them in a message. */
export const quoted = (names: Iterable<string>): string => Array.from(names, (name) => JSON.stringify(name)).join(", ");

/** Levenshtein's distance: insertions, deletions and replacements that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3; // far enough: the caller stops at two
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++)
      row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    above = row;
  }
  return above[b.length];
}
