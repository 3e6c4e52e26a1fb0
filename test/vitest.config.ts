import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    exclude: ["test/runtimes/**"], // what is built and packed is tried apart: npm run test:runtimes
    typecheck: { enabled: true, include: ["test/**/*.test-d.ts"], tsconfig: "test/tsconfig.json" },
    reporters: ["default", "./test/summary-reporter.ts"],
    testTimeout: 60_000,
  },
});
