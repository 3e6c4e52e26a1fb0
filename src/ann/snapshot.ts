import { TwoTowerError } from "../errors.ts";
import type { Decoded, TensorArray } from "../tensor/safetensors.ts";

/** The options a snapshot was saved with, to be checked by whoever uses them; throws BAD_FILE for another format. */
export function readOptions(file: Decoded, format: string): Readonly<Record<string, unknown>> {
  const found = file.metadata.get("format");
  if (found !== format)
    throw new TwoTowerError("BAD_FILE", `this file holds ${found ?? "something else"}; ${format} was expected`);
  return { ...Object(jsonIn(file, "options")) };
}

/** A float32 tensor of a given shape, all of it finite. */
export function floatsIn(file: Decoded, name: string, shape: readonly number[]): Float32Array {
  const { data } = tensorIn(file, name, shape);
  if (!(data instanceof Float32Array)) throw corrupt(`"${name}" is not float32`);
  // Adding up carries any NaN or infinity along; a sum of finite numbers below 2⁵⁶ stays finite.
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += Math.abs(data[i]);
  if (!Number.isFinite(sum)) throw corrupt(`"${name}" holds numbers that are not finite`);
  return data;
}

/** The bytes of a tensor of a given type and shape, all of it finite if it is of floats. */
export function numbersIn(
  file: Decoded,
  name: string,
  dtype: "F32" | "F16" | "I8",
  shape: readonly number[],
): Uint8Array {
  if (dtype === "F32") return bytesOf(floatsIn(file, name, shape));
  const tensor = tensorIn(file, name, shape);
  if (tensor.dtype !== dtype) throw corrupt(`"${name}" is ${tensor.dtype}, not ${dtype}`);
  const { data } = tensor;
  if (data instanceof Uint16Array && data.some((half) => (half & 0x7c00) === 0x7c00))
    throw corrupt(`"${name}" holds numbers that are not finite`);
  return bytesOf(data);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: TensorArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** An int32 tensor of a given shape; a size of −1 may be any. */
export function intsIn(file: Decoded, name: string, shape: readonly number[]): Int32Array {
  const { data } = tensorIn(file, name, shape);
  if (!(data instanceof Int32Array)) throw corrupt(`"${name}" is not int32`);
  return data;
}

export function textIn(file: Decoded, name: string): string {
  const { data } = tensorIn(file, name, [-1]);
  if (!(data instanceof Uint8Array)) throw corrupt(`"${name}" is not text`);
  return new TextDecoder().decode(data);
}

export function jsonIn(file: Decoded, key: string): unknown {
  try {
    return JSON.parse(file.metadata.get(key) ?? "");
  } catch (cause) {
    throw corrupt(`its ${key} are not JSON`, cause);
  }
}

function tensorIn(
  file: Decoded,
  name: string,
  shape: readonly number[],
): Decoded["tensors"] extends Map<string, infer T> ? T : never {
  const tensor = file.tensors.get(name);
  if (tensor === undefined) throw corrupt(`"${name}" is missing`);
  if (tensor.shape.length !== shape.length || !shape.every((size, i) => size === -1 || size === tensor.shape[i]))
    throw corrupt(`"${name}" has shape [${tensor.shape.join(", ")}] where [${shape.join(", ")}] was expected`);
  return tensor;
}

export const corrupt = (what: string, cause?: unknown): TwoTowerError =>
  new TwoTowerError(
    "CORRUPT",
    `this is no index as it was saved: ${what}; save it again or restore a copy`,
    cause === undefined ? undefined : { cause },
  );
