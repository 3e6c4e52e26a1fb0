// Where the server is that the stores are tried with: a Debian of its own, made by install.mjs, entered by chroot.
import { homedir } from "node:os";
import { join } from "node:path";

/** Debian 13, the first with pgvector 0.8. Kept between runs. */
export const debian = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "twotower-stores");

/** Written last, so that one half made is known for what it is. */
export const finished = join(debian, ".finished");
