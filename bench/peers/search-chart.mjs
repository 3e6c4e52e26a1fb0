// Recall against queries a second, as an SVG for pages light and dark, from the JSON lines of the search benches:
//   npm run --silent bench -- search/A --json > A.json && node bench/peers/search-chart.mjs A.json > docs/search.svg
import { readFileSync } from "node:fs";
import { parse, View } from "vega";

const GREY = "#7d8590"; // legible on white and on black
const colours = { twotower: "#3b82f6", hnswlib: "#e8590c", "hnswlib-node": "#2f9e44", usearch: "#a855f7" };
const titles = {
  twotower: "twotower",
  hnswlib: "hnswlib, C++",
  "hnswlib-node": "hnswlib-node",
  usearch: "usearch, Node",
};

const points = readFileSync(process.argv[2] ?? 0, "utf8")
  .split("\n")
  .filter((line) => line.startsWith("{"))
  .map((line) => JSON.parse(line))
  .flatMap(({ name, value, recall }) => {
    const [, peer = "twotower", ef] = /^search\/\w+\/(?:(\S+) )?ef (\d+)$/.exec(name) ?? [];
    return ef ? [{ peer: titles[peer], ef: Number(ef), recall, qps: value }] : [];
  })
  .filter(({ recall }) => recall >= 0.88);
if (points.length === 0) throw new Error("no lines of a search bench: npm run --silent bench -- search/A --json");
const peers = Object.keys(titles).filter((peer) => points.some((point) => point.peer === titles[peer]));

const speeds = points.map(({ qps }) => qps);

const axis = {
  labelColor: GREY,
  titleColor: GREY,
  gridColor: GREY,
  gridOpacity: 0.25,
  domainColor: GREY,
  tickColor: GREY,
};
const font = { labelFontSize: 12, titleFontSize: 13, titleFontWeight: "normal" };
const view = new View(
  parse({
    width: 620,
    height: 340,
    padding: 12,
    autosize: "pad",
    data: [{ name: "points", values: points }],
    scales: [
      // Each step to the right misses half as many: log of 1 − recall.
      { name: "x", type: "log", range: "width", reverse: true, domain: [0.0002, 0.12] },
      { name: "y", type: "log", range: "height", domain: [0.8 * Math.min(...speeds), 1.2 * Math.max(...speeds)] },
      {
        name: "colour",
        type: "ordinal",
        domain: peers.map((peer) => titles[peer]),
        range: peers.map((peer) => colours[peer]),
      },
    ],
    axes: [
      {
        scale: "x",
        orient: "bottom",
        title: "recall@10: 100,000 × 64, M = 16, efConstruction = 200, one thread, one query a call",
        grid: true,
        values: [0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005],
        encode: { labels: { update: { text: { signal: "format(1 - datum.value, '.4~f')" } } } },
        ...axis,
        ...font,
      },
      {
        scale: "y",
        orient: "left",
        title: "queries a second",
        grid: true,
        format: ",d",
        tickCount: 6,
        ...axis,
        ...font,
      },
    ],
    legends: [
      {
        stroke: "colour",
        symbolType: "stroke",
        symbolStrokeWidth: 3,
        orient: "bottom-left",
        labelColor: GREY,
        labelFontSize: 13,
      },
    ],
    marks: [
      {
        type: "group",
        from: { facet: { name: "curve", data: "points", groupby: "peer" } },
        marks: [
          {
            type: "line",
            from: { data: "curve" },
            encode: {
              enter: { ...place("x", "y"), stroke: { scale: "colour", field: "peer" }, strokeWidth: { value: 2.5 } },
            },
          },
          {
            type: "symbol",
            from: { data: "curve" },
            encode: { enter: { ...place("x", "y"), fill: { scale: "colour", field: "peer" }, size: { value: 30 } } },
          },
        ],
      },
    ],
  }),
  { renderer: "none" },
);

/** Where a point stands; a recall of 1 at the edge. */
function place(x, y) {
  return { x: { scale: x, signal: "max(0.0002, 1 - datum.recall)" }, y: { scale: y, field: "qps" } };
}

// Vega gives every mark a role for screen readers; one title tells them more.
const svg = (await view.toSVG()).replace(/ (role|aria-[a-z]+)="[^"]*"/g, "");
const title = `Queries a second by recall@10: ${peers.map((peer) => titles[peer]).join("; ")}`;
process.stdout.write(`${svg.replace(/<svg[^>]*>/, `$&<title>${title}</title>`)}\n`);
