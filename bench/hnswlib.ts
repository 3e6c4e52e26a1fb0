import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DIMENSION, K, type SearchData } from "./search-data.ts";

/** Native hnswlib in a process of its own, over the same files; both sides take turns. */
export interface Hnswlib {
  /** Seconds the build took; 0 if the index was loaded from a former run. */
  readonly buildSeconds: number;
  search(ef: number): Promise<{ readonly recall: number; readonly qps: number }>;
  close(): void;
}

/**
 * Compiles bench/peers/hnswlib.cpp with -march=native and starts it. Headers are looked for in the folder HNSWLIB, by
 * default /usr/include (Debian: libhnswlib-dev; others: github.com/nmslib/hnswlib). Undefined if there are none, or no g++.
 */
export async function startHnswlib(data: SearchData, M: number, efConstruction: number): Promise<Hnswlib | undefined> {
  const program = join(mkdtempSync(join(tmpdir(), "twotower-hnswlib-")), "hnswlib");
  const include = process.env.HNSWLIB ?? "/usr/include";
  try {
    const source = new URL("../../bench/peers/hnswlib.cpp", import.meta.url).pathname;
    execFileSync("g++", ["-O3", "-march=native", "-std=c++17", `-I${include}`, "-o", program, source]);
  } catch {
    console.error(`search: no figures of hnswlib: g++ or hnswlib/hnswlib.h in ${include} (set HNSWLIB) is missing`);
    return undefined;
  }
  const files = ["items.f32", "queries.f32", "truth.i32"].map((name) => `${data.path}.${name}`);
  const numbers = [DIMENSION, K, M, efConstruction].map(String);
  const child = spawn(program, [...files, ...numbers, `${data.path}.M${M}-ef${efConstruction}.hnswlib`], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async <T>(): Promise<T> => JSON.parse((await lines.next()).value as string) as T;
  const { seconds } = await answer<{ seconds: number }>();
  return {
    buildSeconds: seconds,
    search: (ef) => {
      child.stdin.write(`${ef}\n`);
      return answer();
    },
    close: () => child.stdin.end(),
  };
}
