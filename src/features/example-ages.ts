import type { Column } from "./columns.ts";
import type { FittedSide } from "./fitted-side.ts";
import type { Interactions } from "./interactions.ts";
import { scaled } from "./scaling.ts";

/** While training: the columns of the user tower that tell how old each pair is, by feature. */
export function exampleAges<Row>(
  users: FittedSide<Row>,
  { timestamps }: Interactions,
  pairs: Int32Array,
): { readonly [feature: string]: Column } {
  const ages: { [feature: string]: Column } = {};
  for (const [name, feature] of users.fitted)
    if (
      feature.declaration.kind === "example-age" &&
      "encoding" in feature &&
      feature.encoding.scale !== "bins" &&
      timestamps
    )
      ages[name] = scaled(
        feature.encoding,
        Float64Array.from(pairs, (pair) => timestamps[pair]),
      );
  return ages;
}

/** Whether the user tower reads how old a pair is: its vector then differs from pair to pair. */
export const readsExampleAge = <Row>(users: FittedSide<Row>): boolean =>
  [...users.fitted.values()].some(({ declaration }) => declaration.kind === "example-age");
