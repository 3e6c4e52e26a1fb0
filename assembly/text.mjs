// Bytes as a string literal that gzip packs well; src/kernels/inlined.ts reads it.

/** The characters a string literal may hold as they are in every quote and every bundler: "#" to "~" without "\\". */
const characters = Array.from({ length: 92 }, (_, i) => String.fromCharCode(35 + i)).filter((c) => c !== "\\");
const [second, third, ...digits] = characters; // 89 digits

/**
 * A byte below 89 is one character; others are two, of which the first says how many times 89 is to be added. Every byte
 * is whole characters, so that gzip still sees what repeats: serving's kernels take 9.3 KB compressed, 10.0 in hexadecimal
 * and 12.8 in base64, which cuts bytes apart.
 *
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function asText(bytes) {
  const text = [];
  for (const byte of bytes) text.push(["", second, third][Math.floor(byte / 89)], digits[byte % 89]);
  return text.join("");
}
