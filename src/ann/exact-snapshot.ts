import { bytesOf, corrupt, type Entry, encodePieces, type Head } from "../tensor/safetensors.ts";
import { expectMetric, expectWhole } from "./arguments.ts";
import { IdTable } from "./id-table.ts";
import { expectTensor, Gathered, readOptions, type Sink } from "./snapshot.ts";
import type { ItemId, Metric } from "./vector-index.ts";

export const EXACT_FORMAT = "twotower exact index 1";

/** All that an exact index consists of. */
export interface ExactState<Id extends ItemId> {
  readonly dimension: number;
  readonly metric: Metric;
  readonly ids: IdTable<Id>;
  /** The fingerprint of the model whose vectors these are. */
  readonly model: string | undefined;
}

/** An exact index as a safetensors file, piece by piece: `vectors` f32[rows, d] in the order of rows, and `ids`, JSON. */
export function packExact<Id extends ItemId>(
  { dimension, metric, ids, model }: ExactState<Id>,
  vectors: () => Iterable<Float32Array>,
): Iterable<Uint8Array> {
  const text = new TextEncoder().encode(ids.toJson());
  return encodePieces(
    {
      vectors: {
        dtype: "F32",
        shape: [ids.rows, dimension],
        *pieces() {
          for (const piece of vectors()) yield bytesOf(piece);
        },
      },
      ids: { dtype: "U8", shape: [text.length], pieces: () => [text] },
    },
    { format: EXACT_FORMAT, options: JSON.stringify({ dimension, metric }), ...(model !== undefined && { model }) },
  );
}

/** Takes in what `packExact` wrote: vectors go to a sink, and the rest is here in the end. */
export class ExactLoader<Id extends ItemId> {
  readonly #head: Head;
  readonly #ids: Gathered;
  readonly dimension: number;
  readonly metric: Metric;
  readonly rows: number;

  constructor(head: Head) {
    this.#head = head;
    const { dimension, metric } = readOptions(head, EXACT_FORMAT);
    expectWhole("dimension", dimension, 2, 2048);
    expectMetric(metric);
    this.dimension = dimension;
    this.metric = metric;
    this.rows = expectTensor(head, "vectors", "F32", [-1, dimension]).shape[0];
    this.#ids = new Gathered(expectTensor(head, "ids", "U8", [-1]));
  }

  sink({ name }: Entry, vectors: Sink): Sink | undefined {
    if (name === "ids") return this.#ids;
    return name === "vectors" ? vectors : undefined;
  }

  finish(): ExactState<Id> {
    const ids = IdTable.fromJson<Id>(this.#ids.text());
    if (ids.rows !== this.rows) throw corrupt("its sizes differ");
    return { dimension: this.dimension, metric: this.metric, ids, model: this.#head.metadata.get("model") };
  }
}
