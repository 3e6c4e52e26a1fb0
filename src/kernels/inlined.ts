/**
 * Bytes inlined by assembly/text.mjs: "%" and on, without the backslash, are the digits 0 to 88; "#" before a digit adds
 * 89 to it, "$" adds 178. Bytes are counted from 252: what passes 255 wraps around.
 */
export function bytesOfText(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  let carry = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i) - 35;
    if (code < 2) carry = 89 * (code + 1);
    else {
      bytes[length++] = carry + code - (code > 57 ? 7 : 6);
      carry = 0;
    }
  }
  return bytes.slice(0, length);
}
