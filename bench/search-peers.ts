import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DIMENSION, K, type SearchData } from "./search-data.ts";

/** Another library in a process of its own, over the same files; all take turns. */
export interface Peer {
  readonly name: string;
  /** Seconds the build took; 0 if the index was loaded from a former run. */
  readonly buildSeconds: number;
  search(ef: number): Promise<{ readonly recall: number; readonly qps: number }>;
  close(): void;
}

const folder = new URL("../../bench/peers/", import.meta.url).pathname;

/**
 * hnswlib in C++, compiled with -march=native: headers are looked for in the folder HNSWLIB, by default /usr/include (Debian:
 * libhnswlib-dev; others: github.com/nmslib/hnswlib). And, with `everyone`, hnswlib-node and usearch from JavaScript, which
 * `npm install --prefix bench/peers` installs. Who is absent is said and left out.
 */
export async function startPeers(
  data: SearchData,
  M: number,
  efConstruction: number,
  everyone: boolean,
): Promise<Peer[]> {
  const files = ["items.f32", "queries.f32", "truth.i32"].map((name) => `${data.path}.${name}`);
  const numbers = [DIMENSION, K, M, efConstruction].map(String);
  const peers: Peer[] = [];
  const start = async (name: string, command: string, args: readonly string[]): Promise<void> => {
    try {
      peers.push(await startPeer(name, command, args));
    } catch (cause) {
      absent(name, cause instanceof Error ? cause.message : String(cause));
    }
  };
  const program = compile();
  if (program)
    await start("hnswlib", program, [...files, ...numbers, `${data.path}.M${M}-ef${efConstruction}.hnswlib`]);
  if (everyone)
    for (const name of ["hnswlib-node", "usearch"])
      if (existsSync(`${folder}node_modules/${name}`))
        await start(name, process.execPath, [`${folder}search.mjs`, name, ...files, ...numbers]);
      else absent(name, "npm install --prefix bench/peers");
  return peers;
}

const absent = (name: string, why: string): void => console.error(`search: no figures of ${name}: ${why}`);

function compile(): string | undefined {
  const program = join(mkdtempSync(join(tmpdir(), "twotower-hnswlib-")), "hnswlib");
  const include = process.env.HNSWLIB ?? "/usr/include";
  try {
    execFileSync("g++", ["-O3", "-march=native", "-std=c++17", `-I${include}`, "-o", program, `${folder}hnswlib.cpp`], {
      stdio: "ignore",
    });
    return program;
  } catch {
    absent("hnswlib", `g++ or hnswlib/hnswlib.h in ${include} (set HNSWLIB) is missing`);
    return undefined;
  }
}

async function startPeer(name: string, command: string, args: readonly string[]): Promise<Peer> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async <T>(): Promise<T> => {
    const { value, done } = await lines.next();
    if (done) throw new Error("its process has ended");
    return JSON.parse(value) as T;
  };
  const { seconds } = await answer<{ seconds: number }>();
  return {
    name,
    buildSeconds: seconds,
    search: (ef) => {
      child.stdin.write(`${ef}\n`);
      return answer();
    },
    close: () => child.stdin.end(),
  };
}
