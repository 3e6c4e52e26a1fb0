// Node, Deno and Bun: prints the program's result as one line of JSON.
import * as twotower from "twotower";
import * as graph from "twotower/hnsw";
import { program } from "./program.js";

console.log(JSON.stringify(await program({ ...twotower, ...graph }, JSON.parse(process.argv[2] ?? "{}"))));
