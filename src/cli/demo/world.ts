import { category, id, tags } from "../../features/declare.ts";
import { number } from "../../features/declare-number.ts";
import type { DataSchema } from "../../io/data-schema.ts";
import type { Items } from "../items.ts";
import { type Catalogue, type CatalogueInteraction, generateCatalogue } from "./catalogue.ts";

/** The catalogue as a service would have it on one day: what happened until then, and what happened afterwards. */
export interface World {
  readonly catalogue: Catalogue;
  readonly train: readonly CatalogueInteraction[];
  readonly test: readonly CatalogueInteraction[];
  /** Items as a model's folder keeps them. */
  readonly items: Items;
}

/** What the columns mean. `minutes` is declared although it means nothing: the model has to find that out. */
export const worldSchema: DataSchema = {
  interactions: { user: "userId", item: "itemId", timestamp: "timestamp" },
  user: {},
  item: { name: "title" },
  schema: {
    user: { userId: id(), country: category(), age: number({ bins: 10 }), gender: category() },
    item: {
      itemId: id(),
      genres: tags(),
      year: number({ bins: 10 }),
      language: category(),
      studio: category(),
      minutes: number({ bins: 10 }),
    },
  },
};

/** Generates the catalogue and cuts it where the late films come out. */
export function generateWorld(options: Parameters<typeof generateCatalogue>[0]): World {
  const catalogue = generateCatalogue(options);
  const { interactions, lateFrom } = catalogue;
  return {
    catalogue,
    train: interactions.filter(({ timestamp }) => timestamp < lateFrom),
    test: interactions.filter(({ timestamp }) => timestamp >= lateFrom),
    items: new Map(catalogue.items.map(({ title, ...row }) => [row.itemId, { row: { ...row }, name: title }])),
  };
}
