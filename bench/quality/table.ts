import type { Row } from "./run.ts";

const figure = (value: number | undefined): string => (value === undefined ? "" : value.toFixed(4));

/** Rows below each other, published figures first, with half the 95 % interval over users behind ours. */
export function table(
  rows: readonly Row[],
  published: readonly (readonly [name: string, ...figures: number[]])[],
): string {
  const metrics = rows[0].scores.map(({ metric }) => metric);
  const lines = [
    ["", ...metrics, "tail recall", "coverage"],
    ...published.map(([name, ...figures]) => [`${name} (published)`, ...figures.map(figure), "", ""]),
    ...rows.map(({ name, scores, tail, coverage }) => [
      name,
      ...scores.map(({ value, half }) => `${figure(value)} ± ${figure(half)}`),
      figure(tail),
      figure(coverage),
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
