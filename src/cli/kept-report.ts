import { TwoTowerError } from "../errors.ts";
import { Json } from "../io/json.ts";
import type { TrainingReport } from "./training.ts";

/** The report as a model's folder keeps it. */
export interface KeptReport extends TrainingReport {
  /** How many item rows the folder was written with; absent where an older release trained. */
  readonly itemRows?: number;
}

/** The report in a file's text. Throws CORRUPT with the place if somebody has made something else of it. */
export function parseKeptReport(text: string, path: string): KeptReport {
  const mend = "train again, or restore a copy of the folder";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TwoTowerError("CORRUPT", `${path} is not JSON: ${mend}`, { cause });
  }
  try {
    check(new Json(value, { name: path, code: "CORRUPT" }));
  } catch (cause) {
    if (!(cause instanceof TwoTowerError)) throw cause;
    throw new TwoTowerError("CORRUPT", `${cause.message}; ${mend}`, { cause });
  }
  return value as KeptReport;
}

/** What is read again is checked; the rest is only passed on. */
function check(report: Json): void {
  report.get("metric").text();
  report.get("seconds").number();
  numberOrNull(report.get("validation"));
  const epochs = report.get("epochs").items();
  for (const epoch of epochs) {
    for (const name of ["epoch", "loss", "seconds"]) epoch.get(name).number();
    numberOrNull(epoch.get("validation"));
  }
  const best = report.get("bestEpoch");
  if (!Number.isInteger(best.number()) || best.number() < 1 || best.number() > epochs.length)
    throw best.expected(`one of the ${epochs.length} epochs`);
  const { flags, itemRows } = Object.fromEntries(report.members());
  itemRows?.number();
  for (const flag of flags?.members().values() ?? []) if (flag.value !== true) flag.text();
}

function numberOrNull(json: Json): void {
  if (json.value !== null) json.number();
}
