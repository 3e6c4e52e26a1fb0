import type { Random } from "../tensor/random.ts";

/** Up to `count` different places of a list, at random; shuffles the list's head. */
export function someOf(list: Int32Array, count: number, random: Random): Int32Array {
  if (list.length <= count) return list;
  for (let i = 0; i < count; i++) {
    const j = i + random.below(list.length - i);
    const kept = list[i];
    list[i] = list[j];
    list[j] = kept;
  }
  return list.slice(0, count);
}
