import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { ReportData } from "./report-data.ts";
import { STYLE } from "./style.ts";

/** The page's own scripts, each after what it imports. */
const SCRIPTS = ["elements", "charts", "map", "main"];

/** What the page asks for is in the page: this forbids it to fetch anything. */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** A report as one HTML file that needs nothing else: style, charts and data are in it. */
export async function reportPage(report: ReportData): Promise<string> {
  const uPlot = createRequire(import.meta.url);
  const library = await readFile(uPlot.resolve("uplot/dist/uPlot.iife.min.js"), "utf8");
  const libraryStyle = await readFile(uPlot.resolve("uplot/dist/uPlot.min.css"), "utf8");
  const scripts = await Promise.all(SCRIPTS.map(scriptOf));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>twotower report</title>
<link rel="icon" href="data:,">
<style>${libraryStyle}${STYLE}</style>
</head>
<body>
${BODY}
<script type="application/json" id="report">${jsonInHtml(report)}</script>
<script>${library}</script>
<script type="module">${scripts.join("\n")}</script>
</body>
</html>
`;
}

/** JSON that no word in it can end early: "<" begins every tag, and JSON has another way to write it. */
const jsonInHtml = (value: object): string => JSON.stringify(value).replaceAll("<", "\\u003c");

/** A compiled module without the words import and export: together the page's modules are one script. */
async function scriptOf(name: string): Promise<string> {
  const code = await readFile(new URL(`./page/${name}.js`, import.meta.url), "utf8");
  return code.replace(/^import [^;]*;$|^export \{[^}]*\};$|^export (?=const|function|class)/gm, "");
}

const BODY = `<header>
<h1 id="model"></h1>
<p>How well this model finds what users chose in <span id="test"></span></p>
</header>
<dl id="facts"></dl>
<main>
<section class="wide"><h2>Figures</h2><div id="figures"></div>
<p>Every user's list is ranked over the whole catalogue without what the user was trained on. Recall is the share of a
user's held-out items among the first ones; NDCG also asks how high they stand. Coverage is the share of the catalogue in
anybody's list; Gini is 0 if all items are shown alike and near 1 if always the same few. The best of each column is bold.</p></section>
<section><h2>Learning: loss</h2><div id="loss"></div>
<p>How surprised the model was, pass by pass, by the choices it learns from: it falls as long as there is something left to
learn, or to learn by heart. The dashed line is epoch <span class="best"></span>, which was kept.</p></section>
<section><h2>Learning: <span class="metric"></span> on validation</h2><div id="metric"></div>
<p>How well it found choices that were held out of the training. Where this stops rising, further passes only learn by
heart: epoch <span class="best"></span> was kept.</p></section>
<section><h2>Recall@<span class="k"></span>, by popularity</h2><div id="deciles"></div>
<p>Items by how often they were chosen in training: of the held-out choices of each tenth, the share that was among a
user's first <span class="k"></span>. Bars are the model, dots what simple methods reach; a gap has nothing to find.</p>
<details><summary>How many items and test pairs stand behind each bar</summary><div id="decile-table"></div></details></section>
<section><h2>Coverage</h2><div id="coverage"></div>
<p>The share of the catalogue that is in at least one user's list. The same favourites for everybody would come near zero;
random lists come near all.</p></section>
<section class="wide"><h2>Similarities</h2><div id="similarities"></div>
<p>Cosines of users with items they were trained on, with their held-out choices, and with random items they never chose.
The further apart the hills, the better the model tells a choice from chance: a held-out choice is the more similar one
in <span id="wins"></span> of all comparisons (50 % would be guessing).</p></section>
<section class="wide"><h2>Map of the items</h2><div id="map-controls"></div><div id="map"></div>
<p>Each dot is an item (<span id="shown"></span>), placed along the two directions in which the item vectors differ most:
<span id="explained"></span> of their variance, a shadow of all <span id="dimension"></span> dimensions. Items near each
other are recommended to the same people. Point at a dot for its name and for those nearest to it in all dimensions (ringed);
drag to zoom, double-click to zoom out, click a name in the legend to hide it.</p></section>
<section class="wide"><h2>What was measured</h2><dl id="declaration"></dl>
<details><summary>The whole schema</summary><pre id="schema"></pre></details></section>
</main>
<footer>Made by twotower. Charts: uPlot (MIT licence). The page holds all its data and fetches nothing.</footer>`;
