// Installs what the package is tried in: runtimes, bundlers and checkers from npm (into this folder), Chromium from Debian.
// Does nothing when they are there; says what it does when they are not. Nothing of it becomes a dependency of the package.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const here = new URL(".", import.meta.url).pathname;
const read = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined);

/** Whether node_modules holds exactly what the lockfile asks for, optional runtimes of other platforms apart. */
function isInstalled() {
  const wanted = read(`${here}package-lock.json`)?.packages ?? {};
  const present = read(`${here}node_modules/.package-lock.json`)?.packages ?? {};
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === "" || present[path]?.version === version || (optional && !present[path]),
  );
}

// Not `npm ci`: it refuses a lockfile without entries for the runtimes of other platforms, which npm itself leaves out.
if (!isInstalled()) {
  console.log("Installing runtimes and bundlers from npm into test/runtimes/node_modules (about 900 MB, once) …");
  execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: here,
    stdio: "inherit",
  });
}

if (!existsSync("/usr/bin/chromium") && !process.env.TWOTOWER_CHROMIUM) {
  console.log("Installing Chromium from Debian …");
  try {
    const apt = (...words) =>
      execFileSync("apt-get", ["-qq", "-o", "DPkg::Lock::Timeout=300", ...words], {
        stdio: ["ignore", "ignore", "inherit"],
      });
    apt("update");
    apt("install", "-y", "--no-install-recommends", "chromium");
  } catch (error) {
    console.log(`Chromium could not be installed (${error.message}): its tests will be skipped.`);
    console.log("Set TWOTOWER_CHROMIUM to the path of a Chromium, or install Debian's package chromium.");
  }
}
