import { type FileHandle, open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { TwoTowerError } from "../errors.ts";

/** Told how far reading has come: bytes of the file as it lies on the disk, compressed or not. */
export type OnBytes = (read: number, total: number) => void;

/** The bytes of a file, decompressed if they are gzip's. Throws BAD_FILE if it is missing, empty or cut short. */
export async function* readBytes(path: string, onBytes?: OnBytes): AsyncGenerator<Buffer> {
  const file = await openFile(path);
  try {
    const { size: total } = await file.stat();
    const start = Buffer.alloc(2);
    await file.read(start, 0, 2, 0);
    const stream = file.createReadStream({ start: 0, highWaterMark: 1 << 16 });
    let read = 0;
    stream.on("data", (chunk) => onBytes?.((read += chunk.length), total));
    const isGzip = start[0] === 0x1f && start[1] === 0x8b;
    let any = false;
    for await (const chunk of isGzip ? pipeline(stream, createGunzip(), () => {}) : stream) {
      any = true;
      yield chunk;
    }
    if (!any) throw new TwoTowerError("BAD_FILE", `${path} is empty`);
  } catch (cause) {
    throw readable(path, cause);
  } finally {
    await file.close().catch(() => {}); // the stream has closed it already, unless it never started
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (cause) {
    throw readable(path, cause);
  }
}

/** What the system says, in words that help. */
function readable(path: string, cause: unknown): unknown {
  const problem = PROBLEMS.get((cause as NodeJS.ErrnoException).code ?? "");
  return problem === undefined ? cause : new TwoTowerError("BAD_FILE", `${path} ${problem}`, { cause });
}

const PROBLEMS: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "does not exist: check the path"],
  ["ENOTDIR", "does not exist: part of the path is a file, not a folder"],
  ["EISDIR", "is a folder: give a file in it"],
  ["EACCES", "may not be read: check its permissions"],
  ["Z_BUF_ERROR", "is cut short: its gzip data ends too early. Copy or download it again"],
  ["Z_DATA_ERROR", "is damaged: its gzip data makes no sense. Copy or download it again"],
]);
