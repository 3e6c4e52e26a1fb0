import { decodeSafetensors, encodeSafetensors } from "../tensor/safetensors.ts";
import type { ExactOptions } from "./exact.ts";
import { IdTable } from "./id-table.ts";
import { floatsIn, readOptions, textIn } from "./snapshot.ts";
import type { ItemId } from "./vector-index.ts";

const FORMAT = "twotower exact index 1";

/** An exact index as a file: vectors[rows, d] as float32, and the ids of the rows. */
export function packExact<Id extends ItemId>(
  options: Required<ExactOptions>,
  ids: IdTable<Id>,
  vectors: Float32Array,
): Uint8Array {
  const text = new TextEncoder().encode(ids.toJson());
  return encodeSafetensors(
    { vectors: { shape: [ids.rows, options.dimension], data: vectors }, ids: { shape: [text.length], data: text } },
    { format: FORMAT, options: JSON.stringify(options) },
  );
}

export function unpackExact<Id extends ItemId>(
  bytes: Uint8Array,
): {
  options: ExactOptions;
  ids: IdTable<Id>;
  vectors: Float32Array;
} {
  const file = decodeSafetensors(bytes);
  const options = readOptions(file, FORMAT);
  const ids = IdTable.fromJson<Id>(textIn(file, "ids"));
  const vectors = floatsIn(file, "vectors", [ids.rows, options.dimension]);
  return { options, ids, vectors };
}
