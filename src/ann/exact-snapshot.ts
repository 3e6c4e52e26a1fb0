import { decodeSafetensors, encodeSafetensors } from "../tensor/safetensors.ts";
import { expectMetric, expectWhole } from "./arguments.ts";
import { IdTable } from "./id-table.ts";
import { floatsIn, readOptions, textIn } from "./snapshot.ts";
import type { ItemId, Metric } from "./vector-index.ts";

const FORMAT = "twotower exact index 1";

/** All that an exact index consists of; the vectors stand in the order of rows. */
export interface ExactState<Id extends ItemId> {
  readonly dimension: number;
  readonly metric: Metric;
  readonly ids: IdTable<Id>;
  readonly vectors: Float32Array;
  /** The fingerprint of the model whose vectors these are. */
  readonly model: string | undefined;
}

/** An exact index as a safetensors file: `vectors` f32[rows, d] and `ids`, JSON. */
export function packExact<Id extends ItemId>({ dimension, metric, ids, vectors, model }: ExactState<Id>): Uint8Array {
  const text = new TextEncoder().encode(ids.toJson());
  return encodeSafetensors(
    { vectors: { shape: [ids.rows, dimension], data: vectors }, ids: { shape: [text.length], data: text } },
    { format: FORMAT, options: JSON.stringify({ dimension, metric }), ...(model !== undefined && { model }) },
  );
}

export function unpackExact<Id extends ItemId>(bytes: Uint8Array): ExactState<Id> {
  const file = decodeSafetensors(bytes);
  const { dimension, metric } = readOptions(file, FORMAT);
  expectWhole("dimension", dimension, 2, 2048);
  expectMetric(metric);
  const ids = IdTable.fromJson<Id>(textIn(file, "ids"));
  const vectors = floatsIn(file, "vectors", [ids.rows, dimension]);
  return { dimension, metric, ids, vectors, model: file.metadata.get("model") };
}
