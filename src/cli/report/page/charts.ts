import type Plot from "uplot";

declare const uPlot: typeof Plot; // stands before this script in the page

/** Something drawn over x, and named in the legend. */
export interface Trace {
  readonly name: string;
  /** A custom property of the page's style, so that it follows the reader's choice of light or dark. */
  readonly colour: string;
  readonly as: "line" | "bars" | "dots" | "steps";
  readonly values: readonly (number | null)[];
}

export interface Chart {
  readonly x: readonly number[];
  readonly xName: string;
  readonly xText: (x: number) => string;
  /** Where x has a name of its own at each value: there and nowhere else are ticks. */
  readonly everyX?: boolean;
  readonly yText: (y: number) => string;
  readonly fromZero?: boolean;
  readonly traces: readonly Trace[];
  /** An x worth a vertical line. */
  readonly mark?: number;
}

const CHART_HEIGHT = 260;

export const colourOf = (property: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${property}`).trim();

/** Draws a chart into an element, as wide as that is, and again when its width or the reader's colours change. */
export function drawChart(target: HTMLElement, chart: Chart): void {
  const { x, xName, xText, everyX = false, yText, fromZero = false, traces, mark } = chart;
  const margin = everyX ? 0.6 : (x[x.length - 1] - x[0]) * 0.02 || 0.5;
  const options: Plot.Options = {
    width: target.clientWidth,
    height: CHART_HEIGHT,
    cursor: { y: false, drag: { x: false, y: false } },
    legend: { markers: { width: 0, fill: (_, i) => (i > 0 ? `var(--${traces[i - 1].colour})` : "none") } },
    scales: {
      x: { time: false, range: (_, from, to) => [from - margin, to + margin] },
      y: { range: (_, from, to) => rangeOf(fromZero ? Math.min(0, from) : from, to, fromZero) },
    },
    axes: [
      {
        ...axis(),
        label: xName,
        labelSize: 18,
        size: 30,
        ...(everyX && { splits: () => [...x] }),
        values: (_, at) => at.map(xText),
      },
      { ...axis(), size: 58, values: (_, at) => at.map(yText) },
    ],
    series: [{ label: xName, value: (_, at) => (at === null ? "–" : xText(at)) }, ...traces.map(seriesOf(yText))],
    hooks: { draw: mark === undefined ? [] : [(plot) => drawMark(plot, mark)] },
  };
  follow(new uPlot(options, [[...x], ...traces.map(({ values }) => [...values])], target), target);
}

const FONT = "12px system-ui, sans-serif";

/** An axis in the page's quiet colour. */
const axis = (): Plot.Axis => ({
  stroke: () => colourOf("quiet"),
  font: FONT,
  labelFont: FONT,
  grid: { stroke: () => colourOf("line"), width: 1 },
  ticks: { show: false },
});

/** Keeps a plot as wide as its element and in the reader's colours. */
export function follow(plot: Plot, target: HTMLElement): void {
  new ResizeObserver(() => {
    if (target.clientWidth !== plot.width) plot.setSize({ width: target.clientWidth, height: plot.height });
  }).observe(target);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot.redraw(false));
}

function rangeOf(from: number, to: number, fromZero: boolean): [number, number] {
  const room = (to - from) * 0.06 || Math.abs(to) * 0.06 || 1;
  return [fromZero && from === 0 ? 0 : from - room, to + room];
}

const seriesOf =
  (yText: Chart["yText"]) =>
  ({ name, colour, as }: Trace): Plot.Series => {
    const bars = as === "bars";
    return {
      label: name,
      value: (_, y) => (y === null ? "–" : yText(y)),
      stroke: () => colourOf(colour),
      width: as === "dots" ? 1 : 2,
      ...(as === "dots" && { dash: [3, 4] }),
      ...((bars || as === "steps") && { fill: () => `${colourOf(colour)}${bars ? "99" : "2e"}` }),
      ...(bars && { paths: uPlot.paths.bars!({ size: [0.62, 64] }) }),
      ...(as === "steps" && { paths: uPlot.paths.stepped!({ align: 1 }) }),
      points: { show: as === "line" || as === "dots", size: as === "dots" ? 7 : 5, fill: () => colourOf(colour) },
    };
  };

function drawMark({ ctx, bbox, valToPos }: Plot, x: number): void {
  const left = valToPos(x, "x", true);
  ctx.save();
  ctx.strokeStyle = colourOf("quiet");
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(left, bbox.top);
  ctx.lineTo(left, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}
