import { defineConfig } from "vitest/config";

/** What needs the large packages of other browsers is run by hand: --mode by-hand. */
export default defineConfig(({ mode }) => ({
  test: {
    root: new URL(".", import.meta.url).pathname,
    include: [mode === "by-hand" ? "by-hand/*.test.ts" : "*.test.ts"],
    globalSetup: ["./setup.ts"],
    reporters: ["default", "../summary-reporter.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
}));
