import type { Command } from "commander";
import { AttributedIndex, withAttributes } from "../../ann/with-attributes.ts";
import type { Schema } from "../../features/declare.ts";
import type { ItemRow } from "../../features/rows.ts";
import type { ServedRecaller } from "../../serve/served.ts";
import { recallService } from "../../serve/service.ts";
import { port, wholeNumber } from "../arguments.ts";
import { failureOf } from "../failure.ts";
import { counted } from "../figures.ts";
import { itemAttributes } from "../item-attributes.ts";
import { listen } from "../listen.ts";
import { ModelFolder } from "../model-folder.ts";
import { type OutputFlags, Terminal } from "../terminal.ts";

interface ServeFlags extends OutputFlags {
  readonly port: number;
  readonly host: string;
  readonly allowChanges?: boolean;
  readonly maxBody: number;
}

/** What is served of a model's folder. */
interface Loaded {
  readonly recaller: ServedRecaller & { readonly index: { readonly size: number; readonly dimension: number } };
  readonly nameOf: (id: string) => string | undefined;
}

/** So long may requests under way take after SIGTERM; then their connections are cut. */
const GRACE = 10_000;

/** Recall over HTTP. */
export function addServe(program: Command): Command {
  return program
    .command("serve <dir>")
    .description("answer over HTTP: recall, similar items, vectors of users")
    .option("-p, --port <n>", "0 takes a free one", port, 8080)
    .option("--host <address>", "0.0.0.0 answers all networks, the default only this machine", "127.0.0.1")
    .option("--allow-changes", "POST and DELETE of /items may change the index, in memory")
    .option("--max-body <bytes>", "longest body of a request", wholeNumber, 2 ** 20)
    .addHelpText(
      "after",
      `
  curl 'localhost:8080/recall?user=42&k=5'
  curl localhost:8080/recall -H 'content-type: application/json' -d '{"user":{"age":31},"where":{"genres":"Comedy"}}'

/openapi.json describes everything that is answered; /metrics is for Prometheus, /health for whoever watches over it.
Items are filtered by their features' names. SIGTERM and Ctrl-C let requests under way end; SIGHUP loads the folder
anew, after another train or index, and no request is dropped.`,
    )
    .action(serve);
}

async function serve(dir: string, flags: ServeFlags): Promise<void> {
  const terminal = new Terminal(flags);
  let loaded = await load(dir);
  const service = recallService(loaded.recaller, {
    changes: flags.allowChanges ?? false,
    maxBody: flags.maxBody,
    nameOf: (id) => loaded.nameOf(id),
    onError: (error) => terminal.note(`  ${failureOf(error).message}`),
  });
  const { url, drain } = await listen(service.fetch, flags);
  const { size, dimension } = loaded.recaller.index;
  terminal.result({ command: "serve", model: dir, url, items: size, dimension }, () =>
    [`${url}  ${counted(size, "item")} × ${dimension}`, terminal.style("dim", "  Ctrl-C ends")].join("\n"),
  );

  const reload = async (): Promise<void> => {
    try {
      loaded = await load(dir);
      service.swap(loaded.recaller);
      terminal.note(`  loaded ${dir} anew: ${counted(loaded.recaller.index.size, "item")}`);
    } catch (error) {
      terminal.note(`  ${dir} is not loaded, the former model goes on: ${failureOf(error).message}`);
    }
  };
  process.on("SIGHUP", reload);
  await asked("SIGTERM", "SIGINT"); // a second one ends the process at once
  process.off("SIGHUP", reload);
  await drain(GRACE);
}

/** Waits for the first of some signals. */
function asked(...signals: readonly NodeJS.Signals[]): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const signal of signals) process.off(signal, stop);
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}

/** A model with its index, whose items can be searched by their features. */
async function load(dir: string): Promise<Loaded> {
  const folder = await ModelFolder.open(dir);
  const items = await folder.items();
  const nameOf = (id: string): string | undefined => items.get(id)?.name;
  const recaller = await folder.recaller();
  const { kinds, of } = itemAttributes(folder.dataSchema.schema.item);
  if (recaller.index instanceof AttributedIndex || items.size === 0) return { recaller, nameOf };

  const index = withAttributes(recaller.index, kinds);
  index.describe([...items].filter(([id]) => index.has(id)).map(([id, { row }]) => [id, of(row)] as const));
  const attributed = folder.model.recaller(index);
  return {
    nameOf,
    recaller: {
      encoder: attributed.encoder,
      index,
      recall: (user, k, options) => attributed.recall(user, k, options),
      similar: (item, k, options) => attributed.similar(item, k, options),
      add(rows: Iterable<ItemRow<Schema>>) {
        const list = [...rows];
        const described = list.map((row) => [attributed.encoder.itemId(row), of(row)] as const);
        recaller.add(list); // to the index inside: as they stand, columns need not be what attributes hold
        index.describe(described);
      },
      remove: (item) => attributed.remove(item),
    },
  };
}
