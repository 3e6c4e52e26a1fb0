import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const read = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined);

/** Whether node_modules holds exactly what the lockfile asks for, optional packages of other platforms apart. */
function isInstalled(folder) {
  const wanted = read(join(folder, "package-lock.json"))?.packages ?? {};
  const present = read(join(folder, "node_modules/.package-lock.json"))?.packages ?? {};
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === "" || present[path]?.version === version || (optional && !present[path]),
  );
}

/** Installs from npm what a folder of tests needs, unless it is there; says first what it does. */
export function installPackages(folder, what) {
  if (isInstalled(folder)) return;
  console.log(what);
  // Not `npm ci`: it refuses a lockfile without entries for the runtimes of other platforms, which npm itself leaves out.
  execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: folder,
    stdio: "inherit",
  });
}
