import { TwoTowerError } from "../errors.ts";
import { checkSchema } from "../features/check-schema.ts";
import { type Features, type IdFeature, id, type Schema } from "../features/declare.ts";
import type { Side } from "../features/sides.ts";
import { declarationFromJson } from "./declaration-json.ts";
import { Json } from "./json.ts";

/** Which columns of the interactions' file mean what. */
export interface InteractionColumns {
  /** Names of all columns, for a file without a header. */
  readonly columns?: readonly string[] | undefined;
  readonly user: string;
  readonly item: string;
  readonly timestamp?: string | undefined;
  readonly rating?: string | undefined;
  /** Rows rated lower are no positives and are left out; every row counts if absent. */
  readonly minRating?: number | undefined;
  readonly weight?: string | undefined;
}

/** Which columns of a file of users or items mean what, features apart. */
export interface SideColumns {
  /** Names of all columns, for a file without a header. */
  readonly columns?: readonly string[] | undefined;
  /** Column of the ids; called as in the interactions if absent. */
  readonly id?: string | undefined;
  /** Column of the name to show, such as a title. */
  readonly name?: string | undefined;
}

/** What the columns of a user's files mean, and the schema of the model that comes of it. */
export interface DataSchema {
  readonly interactions: InteractionColumns;
  readonly user: SideColumns;
  readonly item: SideColumns;
  /** Its id features are called like the id columns of the interactions. */
  readonly schema: Schema;
}

/** The schema in a JSON document. `file` names the document in messages. Throws BAD_SCHEMA with the path of what is wrong. */
export function parseDataSchema(text: string, file: string): DataSchema {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TwoTowerError("BAD_SCHEMA", `${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const json = new Json(value, { name: file, code: "BAD_SCHEMA" });
  const sections = json.members(["version", "interactions", "users", "items"]);
  json.get("version").oneOf([1]);
  const interactions = interactionColumns(json.get("interactions"));
  if (interactions.user === interactions.item)
    throw json.get("interactions").error(`has the same column "${interactions.user}" for user and item`);

  const side = (side: Side): Json => sections.get(`${side}s`) ?? new Json({}, { name: file, code: "BAD_SCHEMA" });
  const ids = { user: embeddingIn(side("user")), item: embeddingIn(side("item")) };
  const features = (which: Side): Features => featuresIn(side(which), which, interactions, ids);
  const schema = { user: features("user"), item: features("item") };
  checkSchema(schema);
  return { interactions, user: sideColumns(side("user")), item: sideColumns(side("item")), schema };
}

function interactionColumns(json: Json): InteractionColumns {
  const members = json.members(["columns", "user", "item", "timestamp", "rating", "minRating", "weight"]);
  const minRating = given(members.get("minRating"));
  if (minRating && !given(members.get("rating"))) throw minRating.error(`needs a column "rating" to compare with`);
  return {
    columns: names(members.get("columns")),
    user: json.get("user").text(),
    item: json.get("item").text(),
    timestamp: given(members.get("timestamp"))?.text(),
    rating: given(members.get("rating"))?.text(),
    minRating: minRating?.number(),
    weight: given(members.get("weight"))?.text(),
  };
}

function sideColumns(json: Json): SideColumns {
  const members = json.members(["columns", "id", "name", "embedding", "features"]);
  return {
    columns: names(members.get("columns")),
    id: given(members.get("id"))?.text(),
    name: given(members.get("name"))?.text(),
  };
}

/** The id feature of a side, with the options under "embedding". */
function embeddingIn(section: Json): IdFeature {
  const embedding = section.members().get("embedding");
  if (!embedding) return id();
  const options = [...embedding.members(["dimension", "minCount", "maxSize"])];
  return embedding.naming(() => id(Object.fromEntries(options.map(([key, { value }]) => [key, value]))));
}

function featuresIn(
  section: Json,
  side: Side,
  interactions: InteractionColumns,
  ids: Readonly<Record<Side, IdFeature>>,
): Features {
  const declared = [...(section.members().get("features")?.members() ?? [])].map(([name, member]) => {
    if (name === interactions[side]) throw member.error("is called like the id column; give it another name");
    if (member.get("kind").value === "id")
      throw member.error(
        `is an id; each side has one already: its column stands under "id", its options under "embedding"`,
      );
    return [name, declarationFromJson(member, ids, ids[side])] as const;
  });
  return Object.fromEntries([[interactions[side], ids[side]], ...declared]);
}

/** A member that may be left out, or be null. */
const given = (json: Json | undefined): Json | undefined => (json?.value === null ? undefined : json);

const names = (json: Json | undefined): string[] | undefined =>
  given(json)
    ?.items()
    .map((item) => item.text());
