import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL(".", import.meta.url).pathname,
    include: ["*.test.ts"],
    globalSetup: ["./setup.ts"],
    reporters: ["default", "../summary-reporter.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
