import { TwoTowerError } from "../errors.ts";
import type { Weights } from "../model/network.ts";
import { decodeSafetensors, encodeSafetensors, type StoredTensor, type TensorArray } from "../tensor/safetensors.ts";
import type { EpochSummary } from "./fit.ts";
import type { TrainerState } from "./trainer.ts";

const FORMAT = "twotower-checkpoint";
const VERSION = "2";

/** Where a training stands between two epochs. */
export interface Checkpoint {
  /** What is being trained, on what and how: by name, as JSON keeps it. */
  readonly task: Readonly<Record<string, unknown>>;
  readonly weights: Weights;
  readonly trainer: TrainerState;
  readonly epochs: readonly EpochSummary[];
  /** The best epoch so far, 0 for none, and its weights. */
  readonly best: { readonly epoch: number; readonly validation: number; readonly weights: Weights | undefined };
}

/** As one safetensors file. */
export function encodeCheckpoint({ task, weights, trainer, epochs, best }: Checkpoint): Uint8Array {
  const tensors: Record<string, StoredTensor> = {};
  const add = (group: string, arrays: ReadonlyMap<string, TensorArray> | undefined): void => {
    for (const [name, data] of arrays ?? []) tensors[`${group}/${name}`] = { shape: [data.length], data };
  };
  add("weights", weights);
  add("best", best.weights);
  add("trainer", trainer.tensors);
  add("sampler", trainer.sampler.arrays);
  const { random, steps, sampler } = trainer;
  const progress = { random, steps, sampler: sampler.numbers, epochs, bestEpoch: best.epoch };
  return encodeSafetensors(tensors, {
    format: FORMAT,
    version: VERSION,
    task: JSON.stringify(task),
    progress: JSON.stringify(progress),
  });
}

/** The way back. Throws BAD_FILE if it is no checkpoint, or one of another task; CORRUPT if any of it has changed. */
export function decodeCheckpoint(bytes: Uint8Array, task: Checkpoint["task"]): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes);
  if (metadata.get("format") !== FORMAT || metadata.get("version") !== VERSION)
    throw new TwoTowerError(
      "BAD_FILE",
      `this is no checkpoint of version ${VERSION}, but a ${metadata.get("format")} file of version ${metadata.get("version")}`,
    );
  const saved = JSON.parse(metadata.get("task") as string) as Checkpoint["task"];
  const now = JSON.parse(JSON.stringify(task)) as Checkpoint["task"];
  const others = [...new Set([...Object.keys(saved), ...Object.keys(now)])]
    .filter((name) => JSON.stringify(saved[name]) !== JSON.stringify(now[name]))
    .filter((name, _, { length }) => name !== "schedule" || length === 1) // over other steps it is another one
    .map((name) => `${name} was ${JSON.stringify(saved[name])} and is ${JSON.stringify(now[name])}`);
  if (others.length > 0)
    throw new TwoTowerError(
      "BAD_FILE",
      `the checkpoint is of another training: ${others.join("; ")}. Pass what was passed then, or start without it`,
    );
  const group = (prefix: string): Map<string, never> => {
    const found = new Map<string, never>();
    for (const [name, { data }] of tensors)
      if (name.startsWith(`${prefix}/`)) found.set(name.slice(prefix.length + 1), data as never);
    return found;
  };
  const { random, steps, sampler, epochs, bestEpoch } = JSON.parse(metadata.get("progress") as string) as {
    random: number[];
    steps: number;
    sampler: number[];
    epochs: EpochSummary[];
    bestEpoch: number;
  };
  return {
    task,
    weights: group("weights"),
    trainer: { random, steps, tensors: group("trainer"), sampler: { numbers: sampler, arrays: group("sampler") } },
    epochs,
    best: {
      epoch: bestEpoch,
      validation: epochs.find(({ epoch }) => epoch === bestEpoch)?.validation ?? -Infinity,
      weights: bestEpoch > 0 ? group("best") : undefined,
    },
  };
}
