import { SIDES, type Side } from "./check-schema.ts";
import { FIRST_KNOWN } from "./columns.ts";
import type { Declaration, IdFeature, Schema } from "./declare.ts";
import type { FittedFeature } from "./fitted-feature.ts";
import { FittedSchema, type Learnt } from "./fitted-schema.ts";
import { Json } from "./json.ts";
import type { NumberEncoding } from "./numbers.ts";
import { type SchemaJson, schemaFromJson, schemaToJson } from "./schema-json.ts";
import { Vocabulary } from "./vocabulary.ts";

const VERSION = 1;

/** A vocabulary's values in the order of their rows, or what was learnt about numbers; null for lists, which read an id's. */
type LearntJson = readonly string[] | NumberEncoding | null;

/** A fitted schema as JSON. Its numbers come back to the last bit. */
export interface FittedJson {
  readonly version: typeof VERSION;
  readonly schema: SchemaJson;
  readonly idDimension: number;
  readonly learnt: { readonly [S in Side]: { readonly [feature: string]: LearntJson } };
}

export function fittedToJson<S extends Schema>(fitted: FittedSchema<S>): FittedJson {
  const { schema, idDimension, users, items } = fitted;
  const side = (features: ReadonlyMap<string, FittedFeature>): FittedJson["learnt"][Side] =>
    Object.fromEntries(Array.from(features, ([name, feature]) => [name, learntToJson(feature)]));
  return {
    version: VERSION,
    schema: schemaToJson(schema),
    idDimension,
    learnt: { user: side(users.fitted), item: side(items.fitted) },
  };
}

function learntToJson(feature: FittedFeature): LearntJson {
  if (!("vocabulary" in feature)) return feature.encoding;
  return feature.declaration.kind === "list" ? null : feature.vocabulary.toJSON();
}

/** The way back from `fittedToJson`. Throws CORRUPT, with the path, if the value is not what it wrote. */
export function fittedFromJson<S extends Schema>(value: unknown): FittedSchema<S> {
  const json = new Json(value, { name: "fitted schema", code: "CORRUPT" });
  if (json.get("version").number() !== VERSION)
    throw json.get("version").expected(`${VERSION}; it was saved by another version of this library`);
  const schema = schemaFromJson(json.get("schema"));
  const vocabularies = new Map<IdFeature, Vocabulary>();
  const learnt = json.get("learnt");
  for (const [side, name, declaration] of declarations(schema))
    if (declaration.kind === "id") vocabularies.set(declaration, vocabularyIn(learnt.get(side).get(name)));
  const features = { user: new Map<string, FittedFeature>(), item: new Map<string, FittedFeature>() } satisfies Learnt;
  for (const [side, name, declaration] of declarations(schema))
    features[side].set(name, featureIn(learnt.get(side).get(name), declaration, vocabularies));

  const idDimension = json.get("idDimension");
  if (!Number.isSafeInteger(idDimension.value) || idDimension.number() < 1)
    throw idDimension.expected("a whole number of at least 1");
  return new FittedSchema(schema as S, features, idDimension.number());
}

function* declarations(schema: Schema): Generator<[side: Side, name: string, declaration: Declaration]> {
  for (const side of SIDES)
    for (const [name, declaration] of Object.entries(schema[side])) yield [side, name, declaration];
}

function featureIn(
  json: Json,
  declaration: Declaration,
  vocabularies: ReadonlyMap<IdFeature, Vocabulary>,
): FittedFeature {
  switch (declaration.kind) {
    case "id":
      return { declaration, vocabulary: vocabularies.get(declaration)! };
    case "list":
      return { declaration, vocabulary: vocabularies.get(declaration.of)! };
    case "category":
    case "tags":
      return { declaration, vocabulary: vocabularyIn(json) };
    case "number":
    case "timestamp":
      return { declaration, encoding: declaration.bins === undefined ? scalingIn(json, declaration) : edgesIn(json) };
  }
}

function vocabularyIn(json: Json): Vocabulary {
  const { value } = json;
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === "string"))
    throw json.expected("a list of texts");
  const vocabulary = new Vocabulary(value);
  if (vocabulary.size - FIRST_KNOWN < value.length) throw json.error("has a value twice");
  return vocabulary;
}

function scalingIn(json: Json, declaration: Extract<Declaration, { kind: "number" | "timestamp" }>): NumberEncoding {
  json.members(["scale", "centre", "spread", "missing", "indicator"]);
  const spread = json.get("spread").number();
  if (spread <= 0) throw json.get("spread").expected("a number above 0");
  return {
    scale: json.get("scale").oneOf([declaration.scale ?? "standard"]),
    centre: json.get("centre").number(),
    spread,
    missing: json.get("missing").number(),
    indicator: json.get("indicator").boolean(),
  };
}

function edgesIn(json: Json): NumberEncoding {
  json.members(["scale", "edges"]);
  const edges: number[] = [];
  for (const item of json.get("edges").items()) {
    if (edges.length > 0 && !(item.number() > edges[edges.length - 1]))
      throw item.expected("more than the edge before");
    edges.push(item.number());
  }
  return { scale: json.get("scale").oneOf(["bins"]), edges };
}
