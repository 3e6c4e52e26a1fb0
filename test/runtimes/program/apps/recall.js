// Everything that twotower/recall exports, and nothing else: what uses it is handed in (uses.js).
import * as all from "twotower/recall";

globalThis.run = (use) => use(all);
