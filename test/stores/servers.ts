import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { debian, finished } from "./places.mjs";

/** Starts PostgreSQL in the Debian that install.mjs made, on a free port; it lives as long as the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(finished)) {
    console.log("No real PostgreSQL here: see test/stores/install.mjs. What needs it is skipped.");
    project.provide("postgres", undefined);
    return async () => {};
  }
  const postgres = await startPostgres();
  project.provide("postgres", postgres.url);
  return postgres.stop;
}

interface Running {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

async function startPostgres(): Promise<Running> {
  const inside = (...words: string[]): string[] => ["--userspec=postgres:postgres", debian, ...words];
  const folder = execFileSync("chroot", inside("mktemp", "-d", "/tmp/postgres-XXXXXXXX"), { encoding: "utf8" }).trim();
  const bin = "/usr/lib/postgresql/17/bin";
  // Shared memory in files: there is no /dev/shm in there, and nothing is mounted that a crash would leave behind.
  const made = ["-D", folder, "-A", "trust", "-U", "postgres", "--no-sync", "--no-locale", "-E", "UTF8"];
  const settings = ["dynamic_shared_memory_type=mmap", "jit=off"].flatMap((setting) => ["-c", setting]);
  execFileSync("chroot", inside(`${bin}/initdb`, ...made, ...settings), { stdio: ["ignore", "ignore", "inherit"] });
  const port = await freePort();
  const options = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"];
  const words = ["-D", folder, "-p", String(port), ...options.flatMap((option) => ["-c", option])];
  const server = spawn("chroot", inside(`${bin}/postgres`, ...words), { stdio: ["ignore", "ignore", "pipe"] });
  await ready(server, /ready to accept connections/);
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGINT"); // connections still open are closed
      await ended;
      rmSync(join(debian, folder), { recursive: true, force: true });
    },
  };
}

/** Waits until a server says that it is ready. */
function ready(server: ChildProcess, line: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    server.stderr!.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (line.test(said)) resolve();
    });
    server.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
    setTimeout(() => reject(new Error(`the server does not get ready: ${said}`)), 60_000).unref();
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

declare module "vitest" {
  export interface ProvidedContext {
    /** Address of a PostgreSQL with pgvector, if there is one. */
    postgres: string | undefined;
  }
}
