// Everything that twotower/hnsw exports, and nothing else: what uses it is handed in (uses.js).
import * as all from "twotower/hnsw";

globalThis.run = (use) => use(all);
