/**
 * The same code for memory that threads share. WebAssembly tells apart the two kinds of memory a module may import
 * only by a flag and a maximum in its import section, so the bytes are rewritten instead of carried twice:
 *   section 2: length, 1 import: "env" "memory" 02 | 00 least → 03 least most
 */
export function forSharedMemory(bytes: Uint8Array<ArrayBuffer>, maxPages: number): Uint8Array<ArrayBuffer> {
  let at = 8; // behind magic number and version
  while (at < bytes.length) {
    const [length, start] = readLeb(bytes, at + 1);
    if (bytes[at] === IMPORTS) {
      const end = start + length;
      const flags = bytes.indexOf(MEMORY, start + 1 + 4 + 7) + 1; // behind the count, "env" and "memory"
      const content = [...bytes.subarray(start, flags), SHARED, ...bytes.subarray(flags + 1, end), ...leb(maxPages)];
      return Uint8Array.from([
        ...bytes.subarray(0, at + 1),
        ...leb(content.length),
        ...content,
        ...bytes.subarray(end),
      ]);
    }
    at = start + length;
  }
  return bytes;
}

const IMPORTS = 2;
const MEMORY = 2;
const SHARED = 3;

/** An unsigned number in groups of seven bits, lowest first; and where it ends. */
function readLeb(bytes: Uint8Array, at: number): [value: number, end: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    value |= (bytes[at] & 127) << shift;
    if (bytes[at++] < 128) return [value, at];
  }
}

const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
