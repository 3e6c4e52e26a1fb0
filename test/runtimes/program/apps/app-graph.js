// The same application with a graph of its items.
import { hnsw } from "twotower/hnsw";
import "./app.js";

const { run } = globalThis;
globalThis.run = (shop) => run(shop, hnsw());
