import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    exclude: ["test/runtimes/**", "test/stores/**"], // tried apart, with what they need: npm run test:runtimes, test:stores
    typecheck: { enabled: true, include: ["test/**/*.test-d.ts"], tsconfig: "test/tsconfig.json" },
    reporters: ["default", "./test/summary-reporter.ts"],
    testTimeout: 60_000,
  },
});
