// Installs what the stores are tried with: PostgreSQL in WebAssembly and clients from npm (into this folder), and where
// root and Debian's archive are at hand, real servers. Does nothing when they are there; says what it does when they are not.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { finished, servers } from "./places.mjs";

const here = new URL(".", import.meta.url).pathname;
const read = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined);

function isInstalled() {
  const wanted = read(`${here}package-lock.json`)?.packages ?? {};
  const present = read(`${here}node_modules/.package-lock.json`)?.packages ?? {};
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === "" || present[path]?.version === version || (optional && !present[path]),
  );
}

if (!isInstalled()) {
  console.log("Installing PGlite and database clients from npm into test/stores/node_modules …");
  execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: here,
    stdio: "inherit",
  });
}

if (!existsSync(finished)) {
  try {
    if (process.getuid?.() !== 0) throw new Error("it takes root");
    const quiet = { stdio: ["ignore", "ignore", "inherit"] };
    if (!existsSync("/usr/sbin/debootstrap")) {
      console.log("Installing debootstrap from Debian …");
      const apt = (...words) => execFileSync("apt-get", ["-qq", "-o", "DPkg::Lock::Timeout=300", ...words], quiet);
      apt("update");
      apt("install", "-y", "--no-install-recommends", "debootstrap");
    }
    console.log(`Making a Debian 13 with PostgreSQL, pgvector and Redis in ${servers} (about 500 MB, once) …`);
    rmSync(servers, { recursive: true, force: true });
    mkdirSync(dirname(servers), { recursive: true });
    const packages = "postgresql-17,postgresql-17-pgvector,redis-server";
    const words = ["--variant=minbase", `--include=${packages}`, "trixie", servers, "http://deb.debian.org/debian"];
    execFileSync("debootstrap", words, quiet);
    writeFileSync(finished, `${packages}\n`);
  } catch (error) {
    console.log(
      `No real servers here (${error.message}): their tests are skipped; those with PGlite run all the same.`,
    );
  }
}
