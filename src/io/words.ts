/** The words of a name: "movieId" → movie, id; "unix_review_time" → unix, review, time. */
export function wordsOf(name: string): string[] {
  const apart = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return apart.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
}

/** The word that says what a name names: the last one, "id" apart. "m1_item" → item, "userId" → user. */
export function nounOf(name: string): string {
  const words = wordsOf(name);
  return words.findLast((word) => word !== "id") ?? words[0] ?? "";
}
