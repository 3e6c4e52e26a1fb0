import { TwoTowerError } from "../errors.ts";
import type { Features, IdFeature, ListFeature, Schema } from "./declare.ts";
import type { FittedFeature } from "./fitted-feature.ts";
import { FittedSchema, type Learnt } from "./fitted-schema.ts";
import type { NamesDeclaration } from "./names.ts";
import type { NumberEncoding, NumbersDeclaration } from "./numbers.ts";
import { idOf, SIDES, type Side } from "./sides.ts";
import { Vocabulary } from "./vocabulary.ts";

/** A feature as JSON. */
interface FeatureJson {
  /** All its options; a list names the side whose ids it lists, a pattern is its source and flags. */
  readonly declaration: { readonly [option: string]: unknown };
  /** A vocabulary's values in the order of their rows, or what was learnt about numbers; null for lists, which read an id's. */
  readonly learnt: readonly string[] | NumberEncoding | null;
}

/** A fitted schema as JSON. Its numbers come back to the last bit. */
export interface FittedJson {
  readonly idDimension: number;
  readonly features: { readonly [S in Side]: { readonly [feature: string]: FeatureJson } };
}

export function fittedToJson<S extends Schema>({ schema, idDimension, users, items }: FittedSchema<S>): FittedJson {
  const side = (features: ReadonlyMap<string, FittedFeature>): FittedJson["features"][Side] =>
    Object.fromEntries(Array.from(features, ([name, feature]) => [name, featureToJson(feature, schema)]));
  return { idDimension, features: { user: side(users.fitted), item: side(items.fitted) } };
}

function featureToJson(feature: FittedFeature, schema: Schema): FeatureJson {
  const options = Object.entries(feature.declaration).map(([option, value]: [string, unknown]) => {
    if (option === "of") return [option, SIDES.find((side) => idOf(schema, side).declaration === value)];
    return [option, value instanceof RegExp ? [value.source, value.flags] : value];
  });
  const learnt = (): FeatureJson["learnt"] => {
    if (!("vocabulary" in feature)) return feature.encoding;
    return feature.declaration.kind === "list" ? null : feature.vocabulary.toJSON();
  };
  return { declaration: Object.fromEntries(options), learnt: learnt() };
}

/**
 * The way back from `fittedToJson`. What it reads stood in a file whose checksums hold, so that it need not ask again
 * what declarations ask of people. Throws CORRUPT if it is something else all the same.
 */
export function fittedFromJson<S extends Schema>(json: unknown): FittedSchema<S> {
  try {
    return revive(json as FittedJson) as FittedSchema<S>;
  } catch (cause) {
    throw new TwoTowerError("CORRUPT", `the fitted schema is not as it was saved: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function revive({ idDimension, features }: FittedJson): FittedSchema {
  const vocabularyOf = ({ learnt }: FeatureJson): Vocabulary => new Vocabulary(learnt as readonly string[]);
  const idOfSide = (side: Side): { declaration: IdFeature; vocabulary: Vocabulary } => {
    const id = Object.values(features[side]).find(({ declaration }) => declaration.kind === "id")!;
    return { declaration: id.declaration as object as IdFeature, vocabulary: vocabularyOf(id) };
  };
  const ids = { user: idOfSide("user"), item: idOfSide("item") };

  const featureOf = (side: Side, json: FeatureJson): FittedFeature => {
    const options = json.declaration;
    const { kind, of, pattern } = options;
    if (kind === "id") return ids[side]; // the very object that lists refer to
    if (kind === "list") {
      const { declaration, vocabulary } = ids[of as Side];
      return { declaration: { ...options, of: declaration } as object as ListFeature, vocabulary };
    }
    const declaration = pattern ? { ...options, pattern: new RegExp(...(pattern as [string, string])) } : options;
    return kind === "category" || kind === "tags"
      ? { declaration: declaration as object as NamesDeclaration, vocabulary: vocabularyOf(json) }
      : { declaration: declaration as object as NumbersDeclaration, encoding: json.learnt as NumberEncoding };
  };
  const learntOf = (side: Side): Map<string, FittedFeature> =>
    new Map(Object.entries(features[side]).map(([name, json]) => [name, featureOf(side, json)]));
  const learnt = { user: learntOf("user"), item: learntOf("item") } satisfies Learnt;
  const declared = (fitted: ReadonlyMap<string, FittedFeature>): Features =>
    Object.fromEntries(Array.from(fitted, ([name, { declaration }]) => [name, declaration]));
  return new FittedSchema({ user: declared(learnt.user), item: declared(learnt.item) }, learnt, idDimension);
}
