import { type Options, SingleBar } from "cli-progress";
import type { Terminal } from "./terminal.ts";

/** What a stage can say while it works. */
export interface Stage {
  /** How far it has come: moves the bar. Without a terminal nothing is written. */
  update(done: number, total: number, remark?: string): void;
  /** A milestone, such as the end of an epoch: a line of its own where there is no bar. */
  milestone(line: string): void;
  /** What came of it; stands beside the label when the stage is over. */
  summary: string;
}

const BAR: Options = {
  format: "  {label}  {bar}  {remark}",
  barCompleteChar: "━",
  barIncompleteChar: "─",
  barsize: 28,
  hideCursor: true,
  clearOnComplete: true,
  gracefulExit: false, // it would end the process; interruption is ours
  fps: 10,
};

/** Runs one stage of a command with a bar on a terminal, plain lines elsewhere, and one line at its end. */
export async function stage<T>(terminal: Terminal, label: string, work: (stage: Stage) => T | Promise<T>): Promise<T> {
  const bar = terminal.isWatched && !terminal.quiet ? new SingleBar({ ...BAR, stream: process.stderr }) : undefined;
  const styledLabel = terminal.noteStyle("bold", label);
  const reporter: Stage = {
    summary: "",
    update: (done, total, remark = "") => {
      bar?.setTotal(total);
      bar?.update(done, { remark });
    },
    milestone: (line) => {
      if (!bar) terminal.note(`  ${line}`);
    },
  };
  bar?.start(1, 0, { label: styledLabel, remark: "" });
  try {
    const result = await work(reporter);
    bar?.stop();
    terminal.note(`${styledLabel}  ${reporter.summary}`.trimEnd());
    return result;
  } catch (error) {
    bar?.stop();
    throw error;
  }
}
