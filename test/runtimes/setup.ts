import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { here, root } from "./places.ts";

/**
 * Packs the package as npm would publish it and installs it into an empty project outside the source tree, where the
 * tests find it as a user would. The project lives as long as the run.
 */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "twotower-runtimes-"));
  const npm = (...words: string[]): string =>
    execFileSync("npm", [...words, "--silent", "--no-audit", "--no-fund"], { cwd: folder, encoding: "utf8" });
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: root });
  const tarball = join(folder, readdirSync(folder).find((file) => file.endsWith(".tgz"))!);
  const app = join(folder, "app");
  mkdirSync(app);
  writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }));
  npm("install", "--prefix", app, tarball);
  cpSync(join(here, "program"), app, { recursive: true });
  const examples = join(root, "examples");
  const own = (path: string): boolean => !path.includes("node_modules") && !path.endsWith("package.json");
  cpSync(examples, app, { recursive: true, filter: (path) => own(path.slice(examples.length)) });
  cpSync(join(here, "node_modules/uplot"), join(app, "node_modules/uplot"), { recursive: true });
  project.provide("app", app);
  project.provide("tarball", tarball);
  return () => rmSync(folder, { recursive: true, force: true });
}

declare module "vitest" {
  export interface ProvidedContext {
    /** An empty project in which the packed package is installed, with the files of program/ beside it. */
    app: string;
    /** The package as npm would publish it. */
    tarball: string;
  }
}
