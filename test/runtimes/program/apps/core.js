// Everything that twotower exports, kept as a whole, beside an application that uses some of it.
import * as everything from "twotower";
import "./app.js";

globalThis.everything = everything;
