// Everything that twotower/hnsw exports, kept as a whole, beside a program that uses some of it.
import * as everything from "twotower/hnsw";
import "./graph.js";

globalThis.everything = everything;
