import * as twotower from "twotower";
import { program } from "../program.js";

self.onmessage = async ({ data }) => self.postMessage(await program(twotower, data));
