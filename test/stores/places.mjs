// Where the servers are that the stores are tried with: a Debian of their own, made by install.mjs, entered by chroot.
import { homedir } from "node:os";
import { join } from "node:path";

/** A Debian 13: the first with PostgreSQL's pgvector and a Redis that has vector sets. Kept between runs. */
export const servers = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "twotower-servers");

/** Files by which the servers are known to be there. */
export const programs = {
  postgres: join(servers, "usr/lib/postgresql/17/bin/postgres"),
  vector: join(servers, "usr/share/postgresql/17/extension/vector.control"),
  redis: join(servers, "usr/bin/redis-server"),
};

/** Written last, so that a Debian half made is known for what it is. */
export const finished = join(servers, ".finished");
