import { type Browser, chromium } from "playwright-core";
import { chromiumPath } from "./places.ts";

/** Chromium without a window, as Debian packages it. */
export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath!,
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run"],
  });
