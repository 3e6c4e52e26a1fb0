import type { RankerFigures, ReportData } from "../report-data.ts";
import { type Chart, drawChart, type Trace } from "./charts.ts";
import { byId, element } from "./elements.ts";
import { drawMap } from "./map.ts";

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
const figure = (value: number): string => value.toFixed(4);
const whole = (n: number): string => n.toLocaleString("en-US");

/** Fills the page with what it was told. */
function fill(report: ReportData): void {
  const { model, test, facts, rankers, deciles, training, similarities, map } = report;
  document.title = `${model}: twotower report`;
  byId("model").textContent = model;
  byId("test").textContent = test;
  byId("facts").append(...facts.flatMap(({ label, text }) => fact(label, text)));
  byId("figures").append(figuresTable(rankers));
  byId("declaration").append(
    ...report.declaration.flatMap(({ label, text }) => [element("dt", {}, label), element("dd", {}, text)]),
  );
  byId("schema").textContent = report.schema;
  if (training) drawTraining(training);
  else for (const id of ["loss", "metric"]) byId(id).closest("section")!.remove();

  const at = rankers[0].at.findIndex(({ k }) => k >= 20);
  const place = at < 0 ? rankers[0].at.length - 1 : at;
  const { k } = rankers[0].at[place];
  for (const name of document.querySelectorAll(".k")) name.textContent = String(k);
  drawRankers("deciles", {
    x: [...deciles.keys()],
    xName: "tenths of the items, the most popular first",
    xText: (i) => deciles[i]?.label ?? "",
    yText: percent,
    traces: rankers.map(tracesOf(({ at }) => at[place].deciles)),
  });
  byId("decile-table").append(
    table(
      ["", "items", "training interactions each", "test pairs"],
      deciles.map(({ label, items, fewest, most, pairs }) => [
        label,
        whole(items),
        fewest === most ? whole(most) : `${whole(fewest)} to ${whole(most)}`,
        whole(pairs),
      ]),
    ),
  );
  const ks = rankers[0].at.map(({ k }) => k);
  drawRankers("coverage", {
    x: [...ks.keys()],
    xName: "length of the lists",
    xText: (i) => (ks[i] === undefined ? "" : `top ${ks[i]}`),
    yText: percent,
    traces: rankers.map(tracesOf(({ at }) => at.map(({ coverage }) => coverage))),
  });

  const { from, width, of, heldOutWins } = similarities;
  byId("wins").textContent = heldOutWins === null ? "–" : percent(heldOutWins);
  drawChart(byId("similarities"), {
    x: [...of[0].shares.keys(), of[0].shares.length].map((bin) => from + bin * width),
    xName: "cosine of user and item",
    xText: (cosine) => cosine.toFixed(2),
    yText: percent,
    fromZero: true,
    traces: of.map(({ name, mean, shares }) => ({
      name: `${name} (mean ${mean.toFixed(2)})`,
      colour: { "trained on": "category-1", "held out": "category-0" }[name] ?? "other",
      as: "steps",
      values: [...shares, shares[shares.length - 1]],
    })),
  });

  byId("shown").textContent =
    map.points.length < map.catalogue
      ? `${whole(map.points.length)} of the ${whole(map.catalogue)} items, evenly from the most to the least popular`
      : map.catalogue === 1
        ? "the one item"
        : `all ${whole(map.catalogue)} items`;
  byId("dimension").textContent = String(map.dimension);
  byId("explained").textContent = percent(map.explained[0] + map.explained[1]);
  drawMap(byId("map"), byId("map-controls"), map);
}

function drawTraining({ metric, bestEpoch, epochs }: NonNullable<ReportData["training"]>): void {
  const curve = (name: string, values: (number | null)[], colour: string, yText: (y: number) => string): Chart => ({
    x: epochs.map(({ epoch }) => epoch),
    xName: "epoch",
    xText: (epoch) => (Number.isInteger(epoch) ? String(epoch) : ""),
    yText,
    traces: [{ name, colour, as: "line", values }],
    mark: bestEpoch,
  });
  const losses = epochs.map(({ loss }) => loss);
  const scores = epochs.map(({ validation }) => validation);
  drawChart(
    byId("loss"),
    curve("loss", losses, "category-1", (loss) => loss.toFixed(3)),
  );
  for (const name of document.querySelectorAll(".metric")) name.textContent = metric;
  for (const name of document.querySelectorAll(".best")) name.textContent = String(bestEpoch);
  if (scores.some((score) => score !== null)) drawChart(byId("metric"), curve(metric, scores, "category-0", figure));
  else byId("metric").closest("section")!.remove();
}

/** The model as bars, what it is measured against as dots: so the eye compares. */
const tracesOf =
  (values: (ranker: RankerFigures) => readonly (number | null)[]) =>
  (ranker: RankerFigures, i: number): Trace => ({
    name: ranker.name,
    colour: `category-${i}`,
    as: i === 0 ? "bars" : "dots",
    values: values(ranker),
  });

const drawRankers = (id: string, chart: Chart): void => drawChart(byId(id), { ...chart, everyX: true, fromZero: true });

const fact = (label: string, text: string): HTMLElement[] => [
  element("div", {}, element("dd", {}, text), element("dt", {}, label)),
];

/** Every ranker at every cut-off; the best of each column stands out. */
function figuresTable(rankers: readonly RankerFigures[]): HTMLElement {
  const columns = ["recall", "hit", "ndcg", "mrr", "map", "coverage", "gini"] as const;
  const heads = ["Recall", "Hit", "NDCG", "MRR", "MAP", "Coverage", "Gini"];
  const made = table(["", ...heads], []);
  rankers[0].at.forEach(({ k }, i) => {
    const body = made.createTBody();
    body.append(element("tr", {}, element("th", { colspan: String(heads.length + 1) }, `first ${k}`)));
    const best = columns.map((column) => Math.max(...rankers.map(({ at }) => at[i][column])));
    for (const { name, at } of rankers)
      body.append(
        element(
          "tr",
          {},
          element("td", {}, name),
          ...columns.map((column, c) => {
            const text = column === "coverage" ? percent(at[i][column]) : figure(at[i][column]);
            return element("td", column !== "gini" && at[i][column] === best[c] ? { class: "top" } : {}, text);
          }),
        ),
      );
  });
  return made;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): HTMLTableElement {
  return element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", {}, head)))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, cell))))),
  );
}

fill(JSON.parse(byId("report").textContent!) as ReportData);
