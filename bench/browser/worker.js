// The worker of main.mjs.
import { epochBench } from "/dist-bench/bench/epoch.js";

postMessage(await epochBench(() => true));
