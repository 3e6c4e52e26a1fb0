import { category, type Declaration, type IdFeature, id, list, type Schema, tags } from "../features/declare.ts";
import { exampleAge, number, timestamp } from "../features/declare-number.ts";
import { idOf, SIDES, type Side } from "../features/sides.ts";
import type { Json } from "./json.ts";

/** A declaration as JSON: its kind, and those of its options that are not the default. */
export type DeclarationJson = { readonly kind: Declaration["kind"] } & { readonly [option: string]: unknown };

/** Declarations as they are when nobody chooses anything. */
const PLAIN: Readonly<Record<Declaration["kind"], Declaration>> = {
  id: id(),
  category: category(),
  tags: tags(),
  list: list(id()),
  number: number(),
  timestamp: timestamp(),
  "example-age": exampleAge(),
};

/** The declarations that stand for themselves; each checks its options. */
const MAKERS: Readonly<Record<Exclude<Declaration["kind"], "id" | "list">, (options: object) => Declaration>> = {
  category,
  tags,
  number,
  timestamp,
  "example-age": exampleAge,
};

/** A declaration as JSON; a list names the side whose ids it lists. */
export function declarationToJson(declaration: Declaration, schema: Schema): DeclarationJson {
  const plain = new Map<string, unknown>(Object.entries(PLAIN[declaration.kind]));
  const options = Object.entries(declaration).flatMap(([option, value]): [string, unknown][] => {
    if (option === "of") return [[option, SIDES.find((side) => idOf(schema, side).declaration === value)]];
    if (value instanceof RegExp)
      return [[option, value.flags ? { source: value.source, flags: value.flags } : value.source]];
    return value === undefined || value === plain.get(option) ? [] : [[option, value]];
  });
  return { kind: declaration.kind, ...Object.fromEntries(options) };
}

/** The declaration in a JSON document. `ids` are what lists can list; `own` is what an id on this side stands for. */
export function declarationFromJson(json: Json, ids: Readonly<Record<Side, IdFeature>>, own: IdFeature): Declaration {
  const kind = json.get("kind").oneOf(Object.keys(PLAIN) as Declaration["kind"][]);
  if (kind === "id") return own;
  if (kind === "list") {
    const of = ids[json.get("of").oneOf(SIDES)];
    return json.naming(() => list(of, optionsIn(json, ["kind", "of"])));
  }
  const options = optionsIn(json, ["kind"]);
  return json.naming(() => MAKERS[kind](options));
}

/** All members but the named ones, as the options of a declaration, which checks them. */
function optionsIn(json: Json, others: readonly string[]): object {
  const members = [...json.members()].filter(([key]) => !others.includes(key));
  return Object.fromEntries(
    members.map(([key, member]) => [key, key === "pattern" ? patternIn(member) : member.value]),
  );
}

/** A pattern without flags is its source alone. */
function patternIn(json: Json): unknown {
  if (typeof json.value !== "object") return json.value;
  json.members(["source", "flags"]);
  const [source, flags] = [json.get("source").text(), json.get("flags").text()];
  try {
    return new RegExp(source, flags);
  } catch (cause) {
    throw json.error(`is not a regular expression: ${(cause as Error).message}`, { cause });
  }
}
