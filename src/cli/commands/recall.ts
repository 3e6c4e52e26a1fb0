import type { Command } from "commander";
import { TwoTowerError } from "../../errors.ts";
import type { Schema } from "../../features/declare.ts";
import type { UserRow } from "../../features/rows.ts";
import { didYouMean, quoted } from "../../features/suggest.ts";
import type { DataSchema } from "../../io/data-schema.ts";
import { UsageError } from "../failure.ts";
import { ModelFolder } from "../model-folder.ts";
import { type NarrowingFlags, narrowing, withNarrowing } from "../recall-options.ts";
import { rankedItems, rankedTable } from "../recommendations.ts";
import { type OutputFlags, Terminal } from "../terminal.ts";

interface RecallFlags extends NarrowingFlags, OutputFlags {
  readonly userId?: string;
  readonly user?: string;
  readonly includeSeen?: boolean;
}

/** The top k for one user: known by id, or new and known by features. */
export function addRecall(program: Command): Command {
  const command = program
    .command("recall <dir>")
    .description("the best items for a user")
    .option("--user-id <id>", "a user of the training data")
    .option("--user <json>", 'any user, by a row of features: {"age":31,"gender":"F"}');
  return withNarrowing(command)
    .option("--include-seen", "items that the user chose in training may come too")
    .action(recall);
}

async function recall(dir: string, flags: RecallFlags): Promise<void> {
  const { userId, user: given, includeSeen = false, k } = flags;
  if ((userId === undefined) === (given === undefined))
    throw new UsageError("give one user: --user-id for one of the training data, --user for a row of features");
  const terminal = new Terminal(flags);
  const folder = await ModelFolder.open(dir);
  const user = given === undefined ? userId! : userRow(given, folder.dataSchema);
  if (given !== undefined && Object.values(user).every((value) => value === null))
    terminal.note("  nothing is known of this user: these are items for nobody in particular");
  const items = await folder.items();
  const recaller = await folder.recaller();
  const options = { ...(await narrowing(flags, folder, items)), includeSeen };
  const ranked = rankedItems(
    explained(dir, folder, user, () => recaller.recall(user, k, options)),
    items,
  );
  terminal.result({ command: "recall", user, k, items: ranked }, () => rankedTable(terminal, ranked));
}

/** Errors in the words of the command line. */
function explained<T>(dir: string, { dataSchema }: ModelFolder, user: unknown, recall: () => T): T {
  try {
    return recall();
  } catch (cause) {
    if (!(cause instanceof TwoTowerError)) throw cause;
    if (cause.code === "BAD_ROW")
      throw new TwoTowerError(cause.code, cause.message.replace(/^users\[0\]\.?/, "--user: "), { cause });
    if (cause.code !== "UNKNOWN_ID") throw cause;
    const [feature] = Object.keys(dataSchema.schema.user).filter((name) => name !== dataSchema.interactions.user);
    const mend =
      feature === undefined
        ? "the model knows users by their ids only"
        : `describe somebody new by features: --user '{"${feature}": …}'`;
    throw new TwoTowerError(cause.code, `user "${user}" was not in the training data of ${dir}; ${mend}`, { cause });
  }
}

/** A row of features from JSON. What it does not say is missing; what the schema does not know is a slip. */
function userRow(text: string, { schema }: DataSchema): Partial<UserRow<Schema>> {
  let row: unknown;
  try {
    row = JSON.parse(text);
  } catch (cause) {
    throw new TwoTowerError("BAD_ARGUMENT", `--user is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof row !== "object" || row === null || Array.isArray(row))
    throw new TwoTowerError("BAD_ARGUMENT", `--user ${text}: expected a JSON object, such as {"age":31}`);
  const columns = Object.entries(schema.user).map(([name, { column = name }]) => column);
  for (const column of Object.keys(row))
    if (!columns.includes(column))
      throw new TwoTowerError(
        "BAD_ARGUMENT",
        `--user: the model knows no column "${column}" of users${didYouMean(column, columns)}; it reads ${quoted(columns)}`,
      );
  return { ...Object.fromEntries(columns.map((column) => [column, null])), ...row };
}
