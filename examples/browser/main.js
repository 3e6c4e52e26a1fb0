// The page: it shows what the worker says and tells it what was clicked.
import uPlot from "../node_modules/uplot/dist/uPlot.esm.js";

const $ = (id) => document.getElementById(id);
const show = (id, text) => ($(id).textContent = text);
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const START = ["Noir-2", "Heist-1", "Noir-5"];

/** A curve that grows by one point an epoch. */
function curve(element, color, format) {
  const style = getComputedStyle(document.documentElement);
  const axis = {
    stroke: style.getPropertyValue("color") || "gray",
    font: "12px system-ui",
    grid: { stroke: "#8883", width: 1 },
    ticks: { show: false },
  };
  const points = [[], []];
  const plot = new uPlot(
    {
      width: element.clientWidth,
      height: element.clientHeight,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false } },
      axes: [
        { ...axis, size: 24, incrs: [1, 2, 5], values: (_, epochs) => epochs.map((epoch) => `${epoch}`) },
        { ...axis, size: 48, space: 28, values: (_, values) => values.map(format) },
      ],
      series: [{}, { stroke: color, width: 2, fill: `${color}22`, points: { show: true, size: 5, fill: color } }],
    },
    points,
    element,
  );
  addEventListener("resize", () => plot.setSize({ width: element.clientWidth, height: element.clientHeight }));
  return (x, y) => {
    points[0].push(x);
    points[1].push(y);
    plot.setData(points);
  };
}

const lossCurve = curve($("loss-curve"), "#3b6fd8", (loss) => loss.toFixed(1));
const recallCurve = curve($("recall-curve"), "#d9663a", (share) => `${Math.round(100 * share)} %`);

const films = new Map();
let likes = [];

function filmButton({ filmId, title, genres, year, score }, onclick) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.film = filmId;
  button.onclick = onclick;
  const name = document.createElement("span");
  name.textContent = title;
  const about = document.createElement("small");
  about.textContent = score === undefined ? genres[0] : `${genres.join(", ")} · ${year}`;
  button.append(name, about);
  if (score !== undefined) {
    const bar = document.createElement("span");
    bar.className = "bar";
    bar.title = `cosine ${score.toFixed(3)}`;
    bar.style.setProperty("--score", Math.max(0, score));
    button.append(bar);
  }
  const row = document.createElement("li");
  row.append(button);
  return row;
}

const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.onerror = (event) => show("stage", `failed: ${event.message}`);

function like(next) {
  likes = next;
  $("likes").replaceChildren(
    ...likes.map((id) => filmButton(films.get(id), () => like(likes.filter((other) => other !== id)))),
  );
  worker.postMessage({ likes, sent: performance.now() });
}
$("again").onclick = () => like(START);

const said = {
  club({ films: all, members, watched }) {
    for (const film of all) films.set(film.filmId, film);
    const count = `${all.length} films, ${members} members, ${watched.toLocaleString("en")} evenings`;
    show("about", `${count}: two towers learn the club's taste in a worker of this page. Nothing leaves the machine.`);
  },

  progress({ progress: { epoch, epochs, step, steps, loss, examplesPerSecond, validation } }) {
    $("progress").value = (epoch - 1 + step / steps) / epochs;
    show("stage", `epoch ${epoch} of ${epochs}`);
    show("loss", loss.toFixed(3));
    show("speed", Math.round(examplesPerSecond).toLocaleString("en"));
    if (validation === undefined) return;
    show("recall", percent(validation));
    lossCurve(epoch, loss);
    recallCurve(epoch, validation);
  },

  learnt({ report: { seconds, bestEpoch, epochs } }) {
    const best = epochs[bestEpoch - 1];
    show("stage", `done in ${seconds.toFixed(1)} s, kept epoch ${bestEpoch}`);
    show("loss", best.loss.toFixed(3));
    show("recall", percent(best.validation));
    $("again").disabled = false;
    like(START);
  },

  recommended({ likes: answered, recommendations, milliseconds, sent }) {
    if (answered.join() !== likes.join()) return; // an older question's answer
    const roundTrip = performance.now() - sent;
    show("latency", `${milliseconds.toFixed(2)} ms a recall, ${roundTrip.toFixed(0)} ms there and back`);
    $("recommendations").replaceChildren(
      ...recommendations.map((film) => filmButton(film, () => like([...likes, film.filmId]))),
    );
    document.body.dataset.state = "ready";
  },
};
worker.onmessage = ({ data }) => said[data.kind](data);
