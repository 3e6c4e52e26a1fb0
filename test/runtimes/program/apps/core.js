// Everything that twotower exports, and nothing else: what uses it is handed in (uses.js).
import * as all from "twotower";

globalThis.run = (use) => use(all);
