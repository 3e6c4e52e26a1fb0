// Installs what the stores are tried with: PostgreSQL in WebAssembly and clients from npm (into this folder), and where
// root and Debian's apt are at hand, a real PostgreSQL. Does nothing when they are there; says what it does when they are not.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installPackages } from "../npm-folder.mjs";
import { debian, finished } from "./places.mjs";

const quiet = { stdio: ["ignore", "ignore", "inherit"] };

/**
 * Unpacks the server and all it depends on into a folder, and configures nothing: 25 s of processor time, where
 * debootstrap took 133. What needs no server, nor more than one in a folder, is left out: no JIT, no wrappers in Perl.
 */
function unpackPostgres() {
  rmSync(debian, { recursive: true, force: true });
  for (const folder of ["etc/apt/apt.conf.d", "etc/apt/preferences.d", "etc/apt/trusted.gpg.d", "var/lib/dpkg"])
    mkdirSync(join(debian, folder), { recursive: true });
  for (const folder of ["var/lib/apt/lists/partial", "var/cache/apt/archives/partial"])
    mkdirSync(join(debian, folder), { recursive: true });
  writeFileSync(join(debian, "var/lib/dpkg/status"), ""); // nothing is installed: so all that is needed is fetched
  const key = "/usr/share/keyrings/debian-archive-keyring.gpg";
  writeFileSync(
    join(debian, "etc/apt/sources.list"),
    `deb [signed-by=${key}] http://deb.debian.org/debian trixie main\n`,
  );
  const settings = [
    `Dir=${debian}`,
    `Dir::State::status=${debian}/var/lib/dpkg/status`,
    "Acquire::Languages=none",
    "APT::Sandbox::User=root",
    "APT::Install-Recommends=false",
  ].flatMap((setting) => ["-o", setting]);
  const apt = (...words) => execFileSync("apt-get", ["-qq", ...settings, ...words], quiet);
  apt("update");
  apt(
    "--download-only",
    "--yes",
    "install",
    "base-files",
    "dash",
    "coreutils",
    "postgresql-17",
    "postgresql-17-pgvector",
  );

  const archives = join(debian, "var/cache/apt/archives");
  const packages = readdirSync(archives).filter(
    (file) => file.endsWith(".deb") && !/^(libllvm|libz3|perl|libperl)/.test(file),
  );
  const first = packages.filter((file) => file.startsWith("base-files_")); // its links /bin, /lib … come before what lies there
  for (const file of [...first, ...packages]) execFileSync("dpkg-deb", ["-x", join(archives, file), debian], quiet);
  rmSync(archives, { recursive: true });

  writeFileSync(join(debian, "etc/passwd"), "root:x:0:0::/root:/bin/sh\npostgres:x:999:999::/tmp:/bin/sh\n");
  writeFileSync(join(debian, "etc/group"), "root:x:0:\npostgres:x:999:\n");
  for (const [name, minor] of Object.entries({ null: 3, urandom: 9 })) {
    execFileSync("mknod", [join(debian, "dev", name), "c", "1", String(minor)], quiet);
    chmodSync(join(debian, "dev", name), 0o666);
  }
  writeFileSync(finished, `${packages.join("\n")}\n`);
}

installPackages(import.meta.dirname, "Installing PGlite and database clients from npm into test/stores/node_modules …");

if (!existsSync(finished)) {
  try {
    if (process.getuid?.() !== 0) throw new Error("it takes root");
    console.log(`Unpacking PostgreSQL 17 with pgvector from Debian 13 into ${debian} (about 250 MB, once) …`);
    unpackPostgres();
  } catch (error) {
    console.log(
      `No real PostgreSQL here (${error.message.split("\n")[0]}): its tests are skipped, those with PGlite run.`,
    );
  }
}
