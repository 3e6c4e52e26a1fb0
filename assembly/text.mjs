// Bytes as a string literal that gzip packs well; src/kernels/inlined.ts reads it.

/** The characters a string literal may hold as they are in every quote and every bundler: "#" to "~" without "\\". */
const characters = Array.from({ length: 92 }, (_, i) => String.fromCharCode(35 + i)).filter((c) => c !== "\\");
const [second, third, ...digits] = characters; // 89 digits

/**
 * What is below 89 is one character; others are two, of which the first says how many times 89 is to be added. Every byte
 * is whole characters, so that gzip still sees what repeats. Bytes are counted from 252, so that 253, the prefix of SIMD, is
 * one character: all kernels take 14.9 KB compressed, of which base64, which cuts bytes apart, would make 21.
 *
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function asText(bytes) {
  const text = [];
  for (const byte of bytes) {
    const number = (byte + 4) % 256;
    text.push(["", second, third][Math.floor(number / 89)], digits[number % 89]);
  }
  return text.join("");
}
