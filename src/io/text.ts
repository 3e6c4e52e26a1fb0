import { TwoTowerError } from "../errors.ts";
import { type OnBytes, readBytes } from "./bytes.ts";

/** How bytes stand for characters. Files that are not UTF-8 are taken for ISO-8859-1, as MovieLens 1M's are. */
export type Encoding = "utf-8" | "utf-16le" | "iso-8859-1";

/** Thrown by `readText` on the first byte that is not UTF-8: read again as ISO-8859-1. */
export class NotUtf8 extends Error {}

/** The text of a file in pieces, without byte order mark, each line ending in "\n". */
export async function* readText(path: string, encoding: Encoding, onBytes?: OnBytes): AsyncGenerator<string> {
  let decode: ((bytes: Buffer, isLast: boolean) => string) | undefined;
  let held = ""; // a "\r" at the end of a piece, which may be half of "\r\n"
  const lines = (text: string, isLast: boolean): string => {
    text = held + text;
    held = !isLast && text.endsWith("\r") ? "\r" : "";
    if (held) text = text.slice(0, -1);
    return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
  };
  for await (const bytes of readBytes(path, onBytes)) {
    if (!decode) {
      const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
      if (!isUtf16) refuseBinary(path, bytes);
      decode = decoder(isUtf16 ? "utf-16le" : encoding);
    }
    yield lines(decode(bytes, false), false);
  }
  if (decode) yield lines(decode(Buffer.alloc(0), true), true);
}

function decoder(encoding: Encoding): (bytes: Buffer, isLast: boolean) => string {
  if (encoding === "iso-8859-1") return (bytes) => bytes.toString("latin1"); // TextDecoder would mean windows-1252
  const text = new TextDecoder(encoding, { fatal: true });
  return (bytes, isLast) => {
    try {
      return text.decode(bytes, { stream: !isLast });
    } catch (cause) {
      throw new NotUtf8(`not ${encoding}`, { cause });
    }
  };
}

function refuseBinary(path: string, bytes: Buffer): void {
  if (!bytes.subarray(0, 4096).includes(0)) return;
  throw new TwoTowerError(
    "BAD_FILE",
    `${path} is not text: expected CSV, TSV, "::"-separated or JSON lines, gzip or not`,
  );
}
