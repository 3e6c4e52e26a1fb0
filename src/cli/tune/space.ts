import type { Command, Option } from "commander";
import type { Json } from "../../io/json.ts";
import { exp, log } from "../../kernels/math.ts";
import type { Random } from "../../tensor/random.ts";
import { type FlagTexts, flagText, nameOf, parseFlag } from "../flag-texts.ts";

/** What a flag may be set to: one of some texts, undefined where it is left out; or a number from a range. */
type Choice =
  | { readonly texts: readonly (string | true | undefined)[] }
  | { readonly from: number; readonly to: number; readonly scale: "linear" | "log"; readonly whole: boolean };

/** What to search: a trial takes one of the alternatives, and one choice for each of its flags. */
export type Space = readonly ReadonlyMap<string, Choice>[];

/** What every trial must have in common to be compared; it is given beside the space. */
const NOT_SEARCHED = ["epochs", "patience", "metric", "seed", "threads"];

/**
 * A space as a person writes it: { "dimension": [32, 64], "learning-rate": { "from": 0.003, "to": 0.1, "scale": "log" } },
 * or a list of such objects where flags belong together. null in a list leaves the flag out. Flags that are given are
 * not searched. Throws BAD_FILE.
 */
export function spaceFrom(json: Json, command: Command, given: FlagTexts): Space {
  const options = command.options.filter((option) => !NOT_SEARCHED.includes(nameOf(option)));
  const alternatives = Array.isArray(json.value) ? json.items() : [json];
  if (alternatives.length === 0) throw json.error("is an empty list: expected at least one object of flags");
  return alternatives.map((alternative) => {
    const members = [...alternative.members(options.map(nameOf))];
    return new Map(
      members
        .map(([flag, choices]): [string, Choice] => [flag, choiceFrom(choices, flag, options)])
        .filter(([flag]) => !Object.hasOwn(given, flag)),
    );
  });
}

function choiceFrom(json: Json, flag: string, options: readonly Option[]): Choice {
  if (Array.isArray(json.value)) {
    if (json.value.length === 0) throw json.error("is an empty list: expected values to choose from");
    return { texts: json.items().map((item) => (item.value === null ? undefined : checked(item, flag, options))) };
  }
  const members = json.members(["from", "to", "scale", "whole"]);
  const [from, to] = [json.get("from"), json.get("to")];
  for (const end of [from, to]) checked(end, flag, options);
  const scale = members.get("scale")?.oneOf(["linear", "log"] as const) ?? "linear";
  if (!(from.number() < to.number()))
    throw json.error(`goes from ${from.value} to ${to.value}: expected a rising range`);
  if (scale === "log" && from.number() <= 0) throw from.expected('a number above 0, or "scale": "linear"');
  return { from: from.number(), to: to.number(), scale, whole: members.get("whole")?.boolean() ?? false };
}

function checked(json: Json, flag: string, options: readonly Option[]): string | true {
  parseFlag(options, flag, json);
  return flagText(options.find((option) => nameOf(option) === flag)!, json);
}

/** The flags of a trial, and with which others it is compared on the way: those of the same alternative. */
export interface Drawn {
  readonly flags: FlagTexts;
  readonly group: number;
}

/** The group of the first trial, of which it is the only one. */
const DEFAULTS = -1;

/**
 * The flags of `count` trials, no two alike, drawn at random; fewer if the space has no more. The first is what holds
 * if nothing is chosen, so that a search is never worse than none.
 */
export function drawTrials(space: Space, count: number, random: Random): Drawn[] {
  const trials: Drawn[] = [{ flags: {}, group: DEFAULTS }];
  const known = new Set(["{}"]);
  for (let misses = 0; trials.length < count && misses < 200; ) {
    const group = random.below(space.length);
    const flags = draw(space[group], random);
    const key = JSON.stringify(Object.entries(flags).sort());
    if (known.has(key)) misses++;
    else {
      known.add(key);
      trials.push({ flags, group });
      misses = 0;
    }
  }
  return trials;
}

function draw(alternative: Space[number], random: Random): FlagTexts {
  const flags = Array.from(alternative, ([flag, choice]) => [flag, drawText(choice, random)] as const);
  return Object.fromEntries(flags.filter((flag): flag is [string, string | true] => flag[1] !== undefined));
}

function drawText(choice: Choice, random: Random): string | true | undefined {
  if ("texts" in choice) return choice.texts[random.below(choice.texts.length)];
  const { from, to, scale, whole } = choice;
  const drawn = scale === "log" ? exp(random.between(log(from), log(to))) : random.between(from, to);
  // Three digits: more would claim a precision that no search has.
  const value = whole ? Math.round(drawn) : Number(drawn.toPrecision(3));
  return String(Math.min(to, Math.max(from, value)));
}

/**
 * The space that is searched if none is given. Other losses than the listwise one are searched if they are asked for:
 * it is the better one on all the data sets that the README measures. Hidden layers and their dropout are there only
 * where towers read more than an id, and batches are at most a twentieth of the interactions: fewer steps an epoch than
 * that, and a trial learns next to nothing before it is judged.
 */
export function usualSpace(
  loss: string,
  { idsOnly, interactions }: { readonly idsOnly: boolean; readonly interactions: number },
): object {
  const common = {
    "learning-rate":
      loss === "listwise" ? { from: 0.003, to: 0.1, scale: "log" } : { from: 0.0005, to: 0.03, scale: "log" },
    dimension: [32, 64, 128],
    unknown: [0, 0.05, 0.2],
    ...(!idsOnly && { hidden: ["none", "64", "128", "256,128"], dropout: [0, 0.1, 0.3] }),
  };
  const sizes = [128, 256, 1024, 4096].filter((size) => size <= Math.max(128, interactions / 20));
  const batch = { "batch-size": sizes };
  if (loss === "pairwise")
    return { ...common, ...batch, margin: { from: 0.1, to: 1 }, negatives: ["each:1", "each:3", "each:10"] };
  if (loss === "pointwise")
    return {
      ...common,
      ...batch,
      scale: { from: 2, to: 20, scale: "log" },
      negatives: ["each:1", "each:3", "each:10"],
    };
  const temperature = { temperature: { from: 0.05, to: 0.4, scale: "log" } };
  const sampled = ["in-batch", "in-batch+uniform:1024", "in-batch+popularity:1024"];
  const drawn = { ...common, ...temperature, ...batch, negatives: sampled };
  // Trials without negatives of their own learn as the defaults do: small catalogues from all their items, by batches of
  // a size that follows the data's.
  return [{ ...common, ...temperature }, drawn];
}
