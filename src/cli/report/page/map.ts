import type Plot from "uplot";
import type { ItemMap } from "../report-data.ts";
import { colourOf, follow } from "./charts.ts";
import { element } from "./elements.ts";

declare const uPlot: typeof Plot; // stands before this script in the page

const MAP_HEIGHT = 620;
/** How far from the mouse an item may be, in pixels, to be the one that is meant. */
const REACH = 14;

/** What points are coloured by. */
interface Colouring {
  readonly groups: readonly string[];
  /** The group of each point, −1 for none. */
  readonly of: readonly number[];
  /** The colours' names before their number: categories differ, degrees go from light to dark. */
  readonly palette: "category" | "degree";
}

/** The map of items: coloured as chosen, with what is under the mouse, and what is searched for, ringed. */
export function drawMap(target: HTMLElement, controls: HTMLElement, map: ItemMap): void {
  const by = element("select", { "aria-label": "Colour by" });
  by.append(...["popularity", ...map.colours.map(({ by }) => by)].map((name) => element("option", {}, name)));
  const wanted = element("input", { type: "search", placeholder: "Find an item …", "aria-label": "Find an item" });
  controls.append(element("label", {}, "Colour by ", by), wanted);

  let plot: Plot | undefined;
  const draw = (): void => {
    plot?.destroy();
    const chosen = map.colours[by.selectedIndex - 1];
    const colouring: Colouring = chosen ? { ...chosen, palette: "category" } : byPopularity(map);
    plot = scatter(target, map, colouring, () => wanted.value.trim().toLowerCase());
  };
  by.addEventListener("change", draw);
  wanted.addEventListener("input", () => plot?.redraw(false));
  by.selectedIndex = map.colours.length > 0 ? 1 : 0;
  draw();
}

/** Fifths of the points by training interactions. */
function byPopularity({ points }: ItemMap): Colouring {
  const of = new Array<number>(points.length);
  Array.from(points.keys())
    .sort((a, b) => points[b].interactions - points[a].interactions)
    .forEach((i, rank) => {
      of[i] = Math.floor((5 * rank) / points.length);
    });
  return { groups: ["most popular fifth", "second", "third", "fourth", "least popular"], of, palette: "degree" };
}

function scatter(target: HTMLElement, map: ItemMap, colouring: Colouring, searched: () => string): Plot {
  const { points, names } = map;
  const { groups, of, palette } = colouring;
  const there = [-1, ...groups.keys()].filter((group) => of.includes(group)); // the others below all
  const colour = (group: number): string => (group < 0 ? "other" : `${palette}-${group}`);
  const tip = element("div", { class: "tip", hidden: "" });
  let hovered: number | undefined;

  const isShown = (plot: Plot, i: number): boolean => plot.series[there.indexOf(of[i]) + 1].show !== false;
  const hover = (plot: Plot): void => {
    const { left = -1, top = -1 } = plot.cursor;
    const found = left < 0 ? undefined : nearestTo(plot, map, left, top, isShown);
    if (found === hovered) return;
    hovered = found;
    plot.redraw(false);
    tell(tip, plot, map, found);
  };
  const ringAll = (plot: Plot, colour: string, meant: (item: number) => boolean): void =>
    points.forEach(({ item }, i) => {
      if (meant(item)) ring(plot, map, i, colour);
    });
  const drawRings = (plot: Plot): void => {
    const text = searched();
    if (text !== "") ringAll(plot, "ink", (item) => names[item].toLowerCase().includes(text));
    if (hovered === undefined) return;
    const near = new Set(points[hovered].nearest.map(([item]) => item));
    ringAll(plot, "quiet", (item) => near.has(item));
    ring(plot, map, hovered, "ink");
  };

  const range = (_: Plot, from: number, to: number): [number, number] => {
    const room = (to - from) * 0.03 || 1;
    return [from - room, to + room];
  };
  const plot = new uPlot(
    {
      width: target.clientWidth,
      height: MAP_HEIGHT,
      cursor: { x: false, y: false, points: { show: false }, drag: { x: true, y: true, uni: 20 } },
      legend: {
        live: false,
        markers: { width: 0, fill: (_, i) => (i > 0 ? `var(--${colour(there[i - 1])})` : "none") },
      },
      scales: { x: { time: false, range }, y: { range } },
      axes: [{ show: false }, { show: false }],
      series: [
        {},
        ...there.map((group): Plot.Series => {
          const paint = (): string => `${colourOf(colour(group))}${group < 0 ? "70" : "d0"}`;
          return {
            label: group < 0 ? "others" : groups[group],
            stroke: paint,
            paths: () => null,
            points: { show: true, size: 6, width: 0, fill: paint, space: 0 },
          };
        }),
      ],
      hooks: { setCursor: [hover], draw: [drawRings] },
    },
    [points.map(({ x }) => x), ...there.map((group) => points.map(({ y }, i) => (of[i] === group ? y : null)))],
    target,
  );
  plot.over.append(tip);
  follow(plot, target);
  return plot;
}

function nearestTo(
  plot: Plot,
  { points }: ItemMap,
  left: number,
  top: number,
  isShown: (plot: Plot, i: number) => boolean,
): number | undefined {
  let [found, least]: [number | undefined, number] = [undefined, REACH ** 2];
  points.forEach(({ x, y }, i) => {
    const distance = (plot.valToPos(x, "x") - left) ** 2 + (plot.valToPos(y, "y") - top) ** 2;
    if (distance < least && isShown(plot, i)) [found, least] = [i, distance];
  });
  return found;
}

function ring(plot: Plot, { points }: ItemMap, i: number, colour: string): void {
  const { ctx, bbox } = plot;
  const [left, top] = [plot.valToPos(points[i].x, "x", true), plot.valToPos(points[i].y, "y", true)];
  if (left < bbox.left || left > bbox.left + bbox.width || top < bbox.top || top > bbox.top + bbox.height) return;
  ctx.save();
  ctx.strokeStyle = colourOf(colour);
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.beginPath();
  ctx.arc(left, top, 6 * devicePixelRatio, 0, 2 * Math.PI);
  ctx.stroke();
  ctx.restore();
}

/** What is under the mouse, and what is nearest to it in all dimensions. Names come from files: text, never markup. */
function tell(tip: HTMLElement, plot: Plot, { points, names }: ItemMap, i: number | undefined): void {
  tip.hidden = i === undefined;
  if (i === undefined) return;
  const { x, y, item, interactions, nearest } = points[i];
  tip.replaceChildren(
    element("strong", {}, names[item]),
    element("div", {}, `chosen ${interactions.toLocaleString("en-US")} times in training; nearest:`),
    element("ol", {}, ...nearest.map(([near, cosine]) => element("li", {}, `${cosine.toFixed(2)}  ${names[near]}`))),
  );
  const [left, top] = [plot.valToPos(x, "x"), plot.valToPos(y, "y")];
  const { clientWidth: width, clientHeight: height } = plot.over;
  tip.style.left = `${left > width / 2 ? left - tip.offsetWidth - 14 : left + 14}px`;
  tip.style.top = `${Math.max(0, Math.min(top - 20, height - tip.offsetHeight))}px`;
}
