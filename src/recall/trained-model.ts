import type { VectorIndex } from "../ann/vector-index.ts";
import { TwoTowerError } from "../errors.ts";
import { itemsOf } from "../evaluation/user-items.ts";
import type { Key, Schema } from "../features/declare.ts";
import type { UserItems } from "../features/interactions.ts";
import type { ItemRow, RowsOf, UserRow } from "../features/rows.ts";
import { createServingEngine } from "../kernels/wasm.ts";
import { Network } from "../model/network.ts";
import { type ModelOptions, type ResolvedOptions, resolveOptions } from "../model/options.ts";
import { decodeModel } from "../model/save.ts";
import { Histories, knownItems, networkShape, type TrainedOn } from "../model/state.ts";
import { Random } from "../tensor/random.ts";
import { corrupt } from "../tensor/safetensors.ts";
import { fingerprint } from "./fingerprint.ts";
import { Recaller, type UserEncoder } from "./recaller.ts";

/** Stands in for the id of somebody new: no vocabulary has it. */
const NOBODY = "\u0000nobody";

/**
 * What training leaves behind and recall needs: the towers, the fitted schema, and who and what they learnt from.
 * It cannot learn, and a program that only serves one (`twotower/recall`) carries nothing that could.
 */
export class TrainedModel<S extends Schema = Schema> implements UserEncoder<S> {
  readonly schema: S;
  readonly options: ResolvedOptions;
  /** The fitted schema, and the encoded users, items and interactions of the training data. */
  readonly on: TrainedOn;
  readonly network: Network;
  readonly histories: Histories;
  /** The items each user is known to like. */
  readonly known: UserItems;

  constructor(schema: S, options: ResolvedOptions, on: TrainedOn, network: Network) {
    this.schema = schema;
    this.options = options;
    this.on = on;
    this.network = network;
    this.histories = new Histories(on);
    this.known = knownItems(on);
  }

  /**
   * A model from the bytes of `TwoTower.save`. Rows are then checked when they come, not by the compiler.
   * Throws BAD_FILE if it is no model, CORRUPT if any of it has changed.
   */
  static load(bytes: Uint8Array): TrainedModel<Schema> {
    try {
      const { on, options: given, weights } = decodeModel(bytes);
      const options = resolveOptions(on.fitted.schema, given as ModelOptions);
      const network = new Network(createServingEngine(), networkShape(on.fitted, options.towers), new Random(0));
      network.setWeights(weights);
      return new TrainedModel(on.fitted.schema, options, on, network);
    } catch (cause) {
      throw cause instanceof TwoTowerError
        ? cause
        : corrupt(`it contradicts itself: ${(cause as Error).message}`, cause);
    }
  }

  /** Vectors of any users' rows, known or new: [rows, dimension], row-major, each of length 1. */
  embedUsers(rows: RowsOf<UserRow<S>>): Float32Array {
    return this.network.user.embed(this.on.fitted.users.encodeRows(rows as never));
  }

  /** Vectors of any items' rows, known or new: [rows, dimension], row-major, each of length 1. */
  embedItems(rows: RowsOf<ItemRow<S>>): Float32Array {
    return this.network.item.embed(this.on.fitted.items.encodeRows(rows as never));
  }

  /**
   * A recaller on an index that holds this model's item vectors by item id: one loaded from a file, or an empty one
   * to which `recaller.add` then adds items by their features.
   * Throws SHAPE_MISMATCH for vectors of another length, BAD_ARGUMENT for those of another model, even of the same
   * model before it learnt on.
   */
  recaller(index: VectorIndex<string>): Recaller<S> {
    if (index?.dimension !== this.options.dimension)
      throw new TwoTowerError(
        "SHAPE_MISMATCH",
        `the index holds vectors of length ${index?.dimension}, the model makes ${this.options.dimension}: it is another model's`,
      );
    const own = fingerprint(this.network);
    if (index.size === 0) index.model = own;
    if (index.model !== undefined && index.model !== own)
      throw new TwoTowerError(
        "BAD_ARGUMENT",
        "the index holds vectors of another model, or of this one before it was trained again: index the items anew, by model.index() or by twotower index",
      );
    return new Recaller<S>(index, this);
  }

  /**
   * A user's vector and the items it has seen: a user known from training by id, or any user by a row of features.
   * Throws UNKNOWN_ID for a bare id never seen.
   */
  encode(user: Key | Partial<UserRow<S>>): { readonly vector: Float32Array; readonly seen: readonly string[] } {
    const { ids, table } = this.on.users;
    const { users } = this.on.fitted;
    const { column } = users.id;
    const row = typeof user === "object" ? (user as { readonly [column: string]: unknown }) : undefined;
    const id = (row ? row[column] : user) as Key | null | undefined;
    const userRow = id === undefined || id === null ? undefined : ids.rowOf(id);
    if (userRow === undefined) {
      if (row)
        return {
          vector: this.network.user.embed(users.encodeRows([{ ...row, [column]: id ?? NOBODY }] as never)),
          seen: [],
        };
      throw new TwoTowerError(
        "UNKNOWN_ID",
        `user ${JSON.stringify(String(id))} was not in the training data; pass a row of the user's features and history instead`,
      );
    }
    const rowsOfUsers = Int32Array.of(userRow);
    const source = row ? users.encodeRows([row] as never) : table;
    const rows = row ? Int32Array.of(0) : rowsOfUsers;
    const vector = this.network.user.vectors(source, rows, this.histories.of(rowsOfUsers, source, rows));
    return { vector, seen: Array.from(itemsOf(this.known, userRow), (item) => this.on.items.ids.idOf(item)) };
  }

  /** The id in an item's row. */
  itemId(row: ItemRow<S>): string {
    return String((row as Record<string, unknown> | null)?.[this.on.fitted.items.id.column]);
  }
}
