// All of the core, in a program that a bundler makes one file of.
import * as twotower from "twotower";
import { program } from "../program.js";

globalThis.run = (options) => program(twotower, options);
