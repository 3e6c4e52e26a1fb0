import * as twotower from "twotower";
import * as graph from "twotower/hnsw";
import { program } from "../program.js";

self.onmessage = async ({ data }) => self.postMessage(await program({ ...twotower, ...graph }, data));
