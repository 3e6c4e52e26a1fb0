import type { Feature, Missing } from "./declare.ts";
import { badOption, checkKeys, oneOf, patternOf, show, someText, wholeNumber, yesOrNo } from "./options.ts";

/**
 * How numbers become a tower's input. "standard": (x − mean) / deviation. "min-max": from 0 to 1 over the range
 * seen in fitting, clamped outside it. "log": sign(x) · log(1 + |x|), then standard, for counts and prices.
 */
export type Scale = "standard" | "min-max" | "log";

const SCALES: readonly Scale[] = ["standard", "min-max", "log"];

/** Either `scale` or `bins` is set. */
interface Numeric {
  readonly scale: Scale | undefined;
  /** So many bins of equally many rows each, or the edges between them; each bin has an embedding row. */
  readonly bins: number | readonly number[] | undefined;
  /** Width of the bins' embedding; undefined: the rule of `defaultDimension`. */
  readonly dimension: number | undefined;
  /** Whether the square and the root stand beside the scaled number. */
  readonly powers: boolean;
}

export interface NumberFeature<
  C extends string | undefined = string | undefined,
  O extends boolean = boolean,
  Value = number | string,
> extends Feature<Value | Missing, C, O>,
    Numeric {
  readonly kind: "number";
  readonly pattern: RegExp | undefined;
}

/** How a number that is a time counts. "auto": from 1e11 on it is milliseconds (as seconds that is the year 5138). */
export type TimeUnit = "auto" | "seconds" | "milliseconds";

/** A time: a Date, a number of seconds or milliseconds since 1970, or ISO text such as "2026-11-24T02:10:00Z". */
export type Time = Date | number | string;

export interface TimestampFeature<C extends string | undefined = string | undefined, O extends boolean = boolean>
  extends Feature<Time | Missing, C, O>,
    Numeric {
  readonly kind: "timestamp";
  readonly unit: TimeUnit;
}

/** When the interaction was, told by how long before the newest one. Not read from rows. */
export interface AgeFeature extends Feature<Time | Missing, undefined, true>, Numeric {
  readonly kind: "example-age";
  readonly unit: "auto";
}

type ScaleOrBins =
  | {
      readonly scale?: Scale | undefined;
      /**
       * Gives the tower x, x² and √x of the number scaled to 0 … 1, so that it may grow faster or slower than the number
       * (Covington, Adams and Sargin 2016). Goes with the scale "min-max", which then is the default.
       */
      readonly powers?: boolean | undefined;
      readonly bins?: never;
      readonly dimension?: never;
    }
  | {
      readonly bins: number | readonly number[];
      readonly scale?: never;
      readonly powers?: never;
      readonly dimension?: number | undefined;
    };

export type NumberOptions<
  C extends string | undefined = string | undefined,
  O extends boolean = boolean,
  P extends RegExp | string | undefined = RegExp | string | undefined,
> = ScaleOrBins & {
  /** Column of the rows, if it is not called like the feature. */
  readonly column?: C;
  readonly optional?: O;
  /** Takes the number out of a text: the first group. /\((\d{4})\)$/ finds 1995 in "Toy Story (1995)". */
  readonly pattern?: P;
};

export type TimestampOptions<
  C extends string | undefined = string | undefined,
  O extends boolean = boolean,
> = ScaleOrBins & { readonly column?: C; readonly optional?: O; readonly unit?: TimeUnit | undefined };

/** A quantity: age, price, year. Scaled, by default to mean 0 and deviation 1, or cut into bins that are embedded. */
export function number<
  const C extends string | undefined = undefined,
  const O extends boolean = false,
  const P extends RegExp | string | undefined = undefined,
>(options: NumberOptions<C, O, P> = {}): NumberFeature<C, O, P extends undefined ? number : string> {
  checkKeys("number", options, ["column", "optional", "pattern", "scale", "powers", "bins", "dimension"]);
  return Object.freeze({
    kind: "number",
    column: someText("number", "column", options.column as C),
    optional: yesOrNo("number", "optional", options.optional) as O,
    ...numeric("number", options),
    pattern: patternOf("number", options.pattern),
  } as const);
}

/** A moment, taken as seconds since 1970 and then like a number. */
export function timestamp<const C extends string | undefined = undefined, const O extends boolean = false>(
  options: TimestampOptions<C, O> = {},
): TimestampFeature<C, O> {
  checkKeys("timestamp", options, ["column", "optional", "unit", "scale", "powers", "bins", "dimension"]);
  return Object.freeze({
    kind: "timestamp",
    column: someText("timestamp", "column", options.column as C),
    optional: yesOrNo("timestamp", "optional", options.optional) as O,
    ...numeric("timestamp", options),
    unit: oneOf("timestamp", "unit", options.unit, ["auto", "seconds", "milliseconds"]) ?? "auto",
  } as const);
}

/**
 * How old the example is: 0 for the newest interaction of the training data, 1 for the oldest; always 0 when serving.
 * A user tower that is told learns what people chose at which time, and recommends what they choose now (Covington, Adams
 * and Sargin 2016). Interactions need timestamps.
 */
export function exampleAge(options: { readonly powers?: boolean } = {}): AgeFeature {
  checkKeys("exampleAge", options, ["powers"]);
  const { powers } = options;
  const how = numeric("exampleAge", { powers, scale: "min-max" });
  return Object.freeze({ kind: "example-age", column: undefined, optional: true, ...how, unit: "auto" });
}

function numeric(maker: string, { scale, bins, dimension, powers }: ScaleOrBins): Numeric {
  if (yesOrNo(maker, "powers", powers) && (bins !== undefined || (scale !== undefined && scale !== "min-max")))
    throw badOption(
      maker,
      'powers are of a number from 0 to 1: they go with scale "min-max" and no other, nor with bins',
    );
  if (scale !== undefined && bins !== undefined)
    throw badOption(maker, "give either scale or bins: bins are embedded, not scaled");
  if (bins === undefined && dimension !== undefined)
    throw badOption(maker, "dimension is the width of the bins' embedding; give bins too, or leave it out");
  return {
    scale: bins === undefined ? (oneOf(maker, "scale", scale, SCALES) ?? (powers ? "min-max" : "standard")) : undefined,
    bins: Array.isArray(bins) ? ascending(maker, bins) : wholeNumber(maker, "bins", bins, 2),
    dimension: wholeNumber(maker, "dimension", dimension, 1),
    powers: powers ?? false,
  };
}

function ascending(maker: string, edges: readonly unknown[]): readonly number[] {
  if (edges.length === 0)
    throw badOption(maker, "bins must be a whole number of at least 2 or a list of edges, not []");
  return Object.freeze(
    edges.map((edge, i) => {
      if (typeof edge === "number" && Number.isFinite(edge) && (i === 0 || edge > (edges[i - 1] as number)))
        return edge;
      throw badOption(maker, `bins must be finite edges in ascending order, but edge ${i} is ${show(edge)}`);
    }),
  );
}
