/** 100004 → "100,004" */
export const count = (n: number): string => n.toLocaleString("en-US");

/** "1 item", "2 items" */
export const counted = (n: number, noun: string): string => `${count(n)} ${noun}${n === 1 ? "" : "s"}`;

/** A metric in [0, 1], as papers print them; a dash where nothing was measured. */
export const metric = (value: number): string => (Number.isFinite(value) ? value.toFixed(4) : "–");

/** 0.4799 → "48 %" */
export const percent = (share: number): string => (Number.isFinite(share) ? `${(100 * share).toFixed(0)} %` : "–");

export const seconds = (s: number): string =>
  s < 100 ? `${s.toFixed(1)} s` : `${Math.floor(s / 60)} min ${Math.round(s % 60)} s`;

export const milliseconds = (ms: number): string => `${ms < 1 ? ms.toFixed(3) : ms.toFixed(2)} ms`;

export function bytes(n: number): string {
  const units = ["bytes", "kB", "MB", "GB"];
  let unit = 0;
  for (; n >= 1000 && unit < units.length - 1; unit++) n /= 1000;
  return `${unit === 0 ? n : n.toFixed(1)} ${units[unit]}`;
}
