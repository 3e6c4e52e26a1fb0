import { TwoTowerError } from "../errors.ts";
import type { Column, Table } from "../features/columns.ts";
import { fittedFromJson, fittedToJson } from "../features/fitted-json.ts";
import type { FittedSchema } from "../features/fitted-schema.ts";
import type { IdTable } from "../features/fitted-side.ts";
import { Ids } from "../features/ids.ts";
import type { Interactions } from "../features/interactions.ts";
import { decodeSafetensors, encodeSafetensors, type StoredTensor, type TensorArray } from "../tensor/safetensors.ts";
import type { Network, Weights } from "./network.ts";
import type { TrainedOn } from "./state.ts";

const FORMAT = "twotower-model";
const VERSION = "2";

/** A model as a file holds it. */
export interface SavedModel {
  /** Of the towers, as JSON keeps them. */
  readonly options: object;
  readonly on: TrainedOn;
  readonly weights: Weights;
}

type Tensors = Record<string, StoredTensor>;

/**
 * A model as one safetensors file: what Python reads as well.
 *   weights/tables.item.movieId …   float32, as named in the network
 *   schema, users/ids, items/ids    JSON in bytes: fitted schema, ids in the order of their rows
 *   users/columns/…, items/columns/…, interactions/…   what the model was trained on, encoded
 */
export function encodeModel(network: Network, on: TrainedOn, options: object): Uint8Array {
  const tensors: Tensors = { schema: flat(jsonBytes(fittedToJson(on.fitted))) };
  for (const [name, { value }] of network.parameters())
    tensors[`weights/${name}`] = { shape: value.shape, data: Float32Array.from(value.data) };
  writeTable(tensors, "users", on.users);
  writeTable(tensors, "items", on.items);
  const { users, items, timestamps, weights } = on.interactions;
  tensors["interactions/users"] = flat(users);
  tensors["interactions/items"] = flat(items);
  if (timestamps) tensors["interactions/timestamps"] = flat(timestamps);
  if (weights) tensors["interactions/weights"] = flat(weights);
  return encodeSafetensors(tensors, { format: FORMAT, version: VERSION, options: JSON.stringify(options) });
}

/** The way back. Throws CORRUPT, or what JSON.parse throws, for anything but the bytes `encodeModel` made. */
export function decodeModel(bytes: Uint8Array): SavedModel {
  const { tensors, metadata } = decodeSafetensors(bytes);
  if (metadata.get("format") !== FORMAT)
    throw new TwoTowerError(
      "BAD_FILE",
      `this is a ${metadata.get("format") ?? "safetensors"} file, not a ${FORMAT} file`,
    );
  if (metadata.get("version") !== VERSION)
    throw new TwoTowerError(
      "BAD_FILE",
      `the model has format version ${metadata.get("version")}; this release reads ${VERSION}`,
    );

  const read = <A extends TensorArray>(name: string, type: new (length: number) => A): A => {
    const data = tensors.get(name)?.data;
    if (data instanceof type) return data;
    throw new TwoTowerError("CORRUPT", `model file: tensor "${name}" is ${data ? "of another type" : "missing"}`);
  };
  const optional = <A extends TensorArray>(name: string, type: new (length: number) => A): A | undefined =>
    tensors.has(name) ? read(name, type) : undefined;
  const json = (name: string): unknown => JSON.parse(new TextDecoder().decode(read(name, Uint8Array)));

  const fitted: FittedSchema = fittedFromJson(json("schema"));
  const table = (side: "users" | "items"): IdTable => {
    const ids = new Ids(json(`${side}/ids`) as string[]);
    const count = ids.size;
    const columns: { [feature: string]: Column } = {};
    for (const shape of fitted[side].features) {
      const { feature } = shape;
      const path = `${side}/columns/${feature}`;
      if (shape.reads === "number") {
        const { width } = shape;
        const values = read(`${path}/values`, Float32Array);
        expectSound(path, values.length === count * width);
        columns[feature] = { kind: "number", width, values };
        continue;
      }
      const rows = read(`${path}/rows`, Int32Array);
      expectSound(path, areBelow(rows, shape.rows));
      if (shape.reads === "index") {
        expectSound(path, rows.length === count);
        columns[feature] = { kind: "index", rows };
      } else {
        const offsets = read(`${path}/offsets`, Int32Array);
        expectSound(path, offsets.length === count + 1 && offsets[0] === 0 && offsets[count] === rows.length);
        expectSound(
          path,
          offsets.every((end, i) => i === 0 || end >= offsets[i - 1]),
        );
        columns[feature] = { kind: "bag", offsets, rows };
      }
    }
    return { ids, table: { count, columns } };
  };
  const [users, items] = [table("users"), table("items")];
  const interactions: Interactions = {
    users: read("interactions/users", Int32Array),
    items: read("interactions/items", Int32Array),
    timestamps:
      tensors.get("interactions/timestamps")?.data instanceof Uint32Array
        ? read("interactions/timestamps", Uint32Array)
        : optional("interactions/timestamps", Float64Array),
    weights: optional("interactions/weights", Float32Array),
  };
  for (const rows of [interactions.items, interactions.timestamps, interactions.weights])
    expectSound("interactions", (rows?.length ?? interactions.users.length) === interactions.users.length);
  expectSound(
    "interactions",
    areBelow(interactions.users, users.ids.size) && areBelow(interactions.items, items.ids.size),
  );
  const weights = new Map<string, Float32Array>();
  for (const name of tensors.keys())
    if (name.startsWith("weights/")) weights.set(name.slice("weights/".length), read(name, Float32Array));
  const options = JSON.parse(metadata.get("options") ?? "{}") as object;
  return { options, on: { fitted, users, items, interactions }, weights };
}

/** Whether all are rows of something that has `count`: kernels look them up without asking. */
function areBelow(rows: Int32Array, count: number): boolean {
  for (let i = 0; i < rows.length; i++) if (rows[i] < 0 || rows[i] >= count) return false;
  return true;
}

/** Checksums are right, so somebody made the file so. */
function expectSound(name: string, isSound: boolean): void {
  if (!isSound) throw new TwoTowerError("CORRUPT", `model file: "${name}" contradicts the rest of it`);
}

function writeTable(tensors: Tensors, side: "users" | "items", { ids, table }: IdTable): void {
  tensors[`${side}/ids`] = flat(jsonBytes(ids.toJSON()));
  for (const [feature, column] of Object.entries((table as Table).columns)) {
    const path = `${side}/columns/${feature}`;
    if (column.kind === "number")
      tensors[`${path}/values`] = { shape: [table.count, column.width], data: column.values };
    else tensors[`${path}/rows`] = flat(column.rows);
    if (column.kind === "bag") tensors[`${path}/offsets`] = flat(column.offsets);
  }
}

const flat = (data: TensorArray): StoredTensor => ({ shape: [data.length], data });
const jsonBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
