import type { TimeUnit } from "./declare-number.ts";

/** From here on a number that may be seconds or milliseconds is taken for milliseconds. */
const FIRST_MILLISECONDS = 1e11;

const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?$/i;

/** Seconds since 1970 of a Date, a number, or text that is a number or ISO 8601; undefined if it is none of these. */
export function secondsOf(time: unknown, unit: TimeUnit): number | undefined {
  if (typeof time === "number") return fromNumber(time, unit);
  if (time instanceof Date) return finite(time.getTime() / 1000);
  if (typeof time !== "string" || time.trim() === "") return undefined;
  const iso = ISO.exec(time.trim());
  if (!iso) return fromNumber(Number(time), unit);
  // Without a zone it is UTC: what JavaScript does by itself depends on where the machine stands.
  const [, day, clock = "00:00", zone = "Z"] = iso;
  return finite(Date.parse(`${day}T${clock}${zone.toUpperCase()}`) / 1000);
}

function fromNumber(time: number, unit: TimeUnit): number | undefined {
  const inMilliseconds = unit === "milliseconds" || (unit === "auto" && Math.abs(time) >= FIRST_MILLISECONDS);
  return finite(inMilliseconds ? time / 1000 : time);
}

const finite = (seconds: number): number | undefined => (Number.isFinite(seconds) ? seconds : undefined);
