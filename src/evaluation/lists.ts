/**
 * Ranked lists as text, one user a line: "user item item …", best first. What other evaluators read.
 *
 * @param lists [users, k] of item rows, padded with −1
 * @param names how to write a user row and an item row; as numbers unless given
 */
export function listLines(
  users: Int32Array,
  lists: Int32Array,
  k: number,
  names: { readonly user?: (row: number) => string; readonly item?: (row: number) => string } = {},
): string {
  const { user = String, item = String } = names;
  let text = "";
  users.forEach((row, line) => {
    const list = lists.subarray(line * k, (line + 1) * k).filter((entry) => entry >= 0);
    text += `${[user(row), ...Array.from(list, item)].join(" ")}\n`;
  });
  return text;
}
