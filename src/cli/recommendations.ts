import type { Recommendation } from "../recall/recaller.ts";
import type { Items } from "./items.ts";
import { table } from "./table.ts";
import { printable, type Terminal } from "./terminal.ts";

/** A recommendation as JSON. */
export interface RankedItem {
  readonly rank: number;
  readonly id: string;
  readonly score: number;
  /** Null where the items' file had no name. */
  readonly name: string | null;
}

export function rankedItems(recommendations: readonly Recommendation[], items: Items): RankedItem[] {
  return recommendations.map(({ id, score }, i) => ({ rank: i + 1, id, score, name: items.get(id)?.name ?? null }));
}

export function rankedTable(terminal: Terminal, ranked: readonly RankedItem[]): string {
  if (ranked.length === 0) return "  no item is left to recommend";
  const hasNames = ranked.some(({ name }) => name !== null);
  const head = ["#", "score", "id", ...(hasNames ? ["name"] : [])];
  const rows = ranked.map(({ rank, score, id, name }) => [
    String(rank),
    score.toFixed(4),
    printable(id),
    ...(hasNames ? [printable(name ?? "")] : []),
  ]);
  return table(terminal, head, rows, ["right", "right", "left", "left"]);
}
