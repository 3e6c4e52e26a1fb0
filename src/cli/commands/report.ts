import type { Command } from "commander";
import { writeFileWhole } from "../../io/write-file.ts";
import { evaluationJson } from "../comparison.ts";
import { bytes } from "../figures.ts";
import { ModelFolder } from "../model-folder.ts";
import { checkOutput } from "../output.ts";
import { type OutputFlags, Terminal } from "../terminal.ts";
import { readTestData, type TestFlags, withTestOptions } from "../test-data.ts";

interface ReportFlags extends OutputFlags, TestFlags {
  readonly out: string;
}

/** How a model learnt, what it finds and what it makes of the catalogue, as one page to look at. */
export function addReport(program: Command): Command {
  const command = program
    .command("report <dir>")
    .description("one HTML page: learning curves, recall by popularity, coverage, similarities, a map of the items");
  return withTestOptions(command)
    .option("--out <file>", "the page; it holds all it needs and fetches nothing", "report.html")
    .action(report);
}

async function report(dir: string, flags: ReportFlags): Promise<void> {
  const terminal = new Terminal(flags);
  await checkOutput("--out", flags.out, { inputs: [flags.test, flags.mask], folders: [dir] });
  const folder = await ModelFolder.open(dir);
  const data = await readTestData(terminal, folder, flags);
  const [{ measureReport }, { reportPage }] = await Promise.all([
    import("../report/measure.ts"), // other commands go without
    import("../report/html.ts"),
  ]);
  const { report, evaluations } = await measureReport(terminal, folder, flags, data);
  const page = await reportPage(report);
  await writeFileWhole(flags.out, page);
  const [{ users, pairs, maskedPairs }] = evaluations;
  terminal.result(
    {
      command: "report",
      model: dir,
      test: flags.test,
      out: flags.out,
      users: users.length,
      pairs,
      skipped: data.pairs.skipped,
      maskedPairs,
      rankers: evaluations.map(evaluationJson),
    },
    () => `${flags.out}  ${bytes(Buffer.byteLength(page))}: open it in a browser`,
  );
}
