import type { Row } from "./run.ts";

const figure = (value: number | undefined): string => (value === undefined ? "" : value.toFixed(4));

/** Rows below each other, published figures first, with half the 95 % interval over users behind ours. */
export function table(
  rows: readonly Row[],
  published: readonly (readonly [name: string, ...figures: number[]])[],
): string {
  const metrics = rows[0].scores.map(({ metric }) => metric);
  const lines = [
    ["", ...metrics, "tail recall", "coverage", "new items", "new users", "seconds", "examples/s"],
    ...published.map(([name, ...figures]) => [`${name} (published)`, ...figures.map(figure), ..."      "]),
    ...rows.map(({ name, scores, tail, coverage, newItems, newUsers, seconds, examplesPerSecond }) => [
      name,
      ...scores.map(({ value, half }) => `${figure(value)} ± ${figure(half)}`),
      ...[tail, coverage, newItems, newUsers].map(figure),
      seconds?.toFixed(seconds < 10 ? 1 : 0) ?? "",
      examplesPerSecond === undefined ? "" : Math.round(examplesPerSecond).toLocaleString("en-US"),
    ]),
  ];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
