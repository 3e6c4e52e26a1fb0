// Installs what the package is tried in: runtimes, bundlers and checkers from npm (into this folder), Chromium from Debian.
// Does nothing when they are there; says what it does when they are not. Nothing of it becomes a dependency of the package.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { installPackages } from "../npm-folder.mjs";

installPackages(
  import.meta.dirname,
  "Installing runtimes and bundlers from npm into test/runtimes/node_modules (about 900 MB, once) …",
);

/** Debian's packages that are wanted, each with the file by which it is known to be there. */
const browsers = { chromium: "/usr/bin/chromium" };
if (process.argv.includes("--all-browsers"))
  Object.assign(browsers, {
    "firefox-esr": "/usr/bin/firefox-esr",
    "webkit2gtk-driver": "/usr/bin/WebKitWebDriver",
    xvfb: "/usr/bin/xvfb-run",
  });
if (process.env.TWOTOWER_CHROMIUM) delete browsers.chromium;
const absent = Object.keys(browsers).filter((name) => !existsSync(browsers[name]));

if (absent.length > 0) {
  console.log(`Installing ${absent.join(", ")} from Debian …`);
  try {
    const apt = (...words) =>
      execFileSync("apt-get", ["-qq", "-o", "DPkg::Lock::Timeout=300", ...words], {
        stdio: ["ignore", "ignore", "inherit"],
      });
    apt("update");
    apt("install", "-y", "--no-install-recommends", ...absent);
  } catch (error) {
    console.log(`Some could not be installed (${error.message}): their tests will be skipped.`);
    console.log("Install them yourself; a Chromium elsewhere is found by TWOTOWER_CHROMIUM.");
  }
}
