// Everything that twotower/recall exports, kept as a whole, beside a program that uses some of it.
import * as everything from "twotower/recall";
import "./exact.js";

globalThis.everything = everything;
