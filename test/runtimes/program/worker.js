// A module worker: import maps do not reach it, so the package is named by its addresses.
import * as graph from "/node_modules/twotower/dist/hnsw.js";
import * as twotower from "/node_modules/twotower/dist/index.js";
import { program } from "./program.js";

self.onmessage = async ({ data }) => self.postMessage(await program({ ...twotower, ...graph }, data));
