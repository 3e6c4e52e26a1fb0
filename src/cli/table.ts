import Table from "cli-table3";
import type { Terminal } from "./terminal.ts";

type Side = "left" | "right";

const NO_LINES = Object.fromEntries(
  [
    ...["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"],
    ...["left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"],
  ].map((name) => [name, ""]),
);

/** A table without lines: columns two spaces apart, the first to the left, figures to the right unless `sides` say so. */
export function table(
  terminal: Terminal,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  sides: readonly Side[] = [],
): string {
  const drawn = new Table({
    head: head.map((name) => terminal.style("dim", name)),
    colAligns: head.map((_, column) => sides[column] ?? (column === 0 ? "left" : "right")),
    chars: NO_LINES,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
  });
  drawn.push(...rows.map((row) => [...row]));
  return drawn
    .toString()
    .split("\n")
    .map((line) => `  ${line.trimEnd()}`.trimEnd())
    .join("\n");
}
