import { readTime } from "./cells.ts";
import { checkSchema } from "./check-schema.ts";
import type { Declaration, IdFeature, Schema } from "./declare.ts";
import type { FittedFeature } from "./fitted-feature.ts";
import { FittedSchema } from "./fitted-schema.ts";
import { learnNames } from "./names.ts";
import { learnAges, learnNumbers } from "./numbers.ts";
import type { Dataset } from "./rows.ts";
import { idOf, SIDES, type Side } from "./sides.ts";
import { cellsFor, columnOf, type Source } from "./source.ts";
import { readTables } from "./tables.ts";
import type { Vocabulary } from "./vocabulary.ts";

/**
 * Learns from a dataset what its columns need to be encoded: vocabularies, means, edges of bins. Ids learn from the
 * interactions, so an item nobody chose has no embedding of its own and is what its other features say.
 * `idDimension` is the embedding width of ids that declare none. What `known` has learnt stays: its vocabularies grow at
 * their ends, its numbers are encoded as before.
 */
export function fitSchema<const S extends Schema>(
  schema: S,
  data: Dataset<S>,
  idDimension = 64,
  known?: FittedSchema<S>,
): FittedSchema<S> {
  checkSchema(schema);
  const tables = readTables(schema, data);
  const vocabularies = new Map<IdFeature, Vocabulary>();
  for (const side of SIDES) {
    const { column, declaration } = idOf(schema, side);
    const ids = columnOf(tables.interactions, column, "Interactions need the ids of both sides");
    const former = known && knownIn(known, side, idOf(schema, side).name);
    vocabularies.set(declaration, learnNames(declaration, ids).vocabulary(declaration, vocabularyOf(former)));
  }
  const learnSide = (side: Side, source: Source): Map<string, FittedFeature> =>
    new Map(
      Object.entries(schema[side]).map(([name, declaration]) => [
        name,
        learn(name, declaration, source, vocabularies, tables.interactions, known && knownIn(known, side, name)),
      ]),
    );
  const learnt = { user: learnSide("user", tables.users.source), item: learnSide("item", tables.items.source) };
  return new FittedSchema(schema, learnt, idDimension);
}

function learn(
  name: string,
  declaration: Declaration,
  source: Source,
  vocabularies: ReadonlyMap<IdFeature, Vocabulary>,
  interactions: Source,
  known: FittedFeature | undefined,
): FittedFeature {
  switch (declaration.kind) {
    case "id":
      return { declaration, vocabulary: vocabularies.get(declaration)! };
    case "list":
      return { declaration, vocabulary: vocabularies.get(declaration.of)! };
    case "category":
    case "tags": {
      const counts = learnNames(declaration, cellsFor(source, name, declaration));
      return { declaration, vocabulary: counts.vocabulary(declaration, vocabularyOf(known)) };
    }
    case "example-age":
      if (known && "encoding" in known) return { declaration, encoding: known.encoding };
      return { declaration, encoding: learnAges(declaration, timesIn(interactions, name)) };
    case "number":
    case "timestamp":
      if (known && "encoding" in known) return { declaration, encoding: known.encoding };
      return { declaration, encoding: learnNumbers(declaration, cellsFor(source, name, declaration)) };
  }
}

/** When the interactions were. Throws BAD_SCHEMA if that is not known. */
function timesIn(interactions: Source, name: string): Float64Array {
  const cells = columnOf(interactions, "timestamp", `"${name}" is exampleAge(): interactions need timestamps`);
  return Float64Array.from({ length: interactions.count }, (_, row) => readTime(cells, row, "auto"));
}

const knownIn = <S extends Schema>(known: FittedSchema<S>, side: Side, name: string): FittedFeature | undefined =>
  (side === "user" ? known.users : known.items).fitted.get(name);

const vocabularyOf = (feature: FittedFeature | undefined): Vocabulary | undefined =>
  feature && "vocabulary" in feature ? feature.vocabulary : undefined;
