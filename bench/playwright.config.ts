import { defineConfig } from "@playwright/test";

// What we claim, measured. A figure is a test only in form: it fails when it cannot be measured, not when it is bad.
export default defineConfig({
  testDir: ".",
  testMatch: "*.bench.ts",
  outputDir: "results/traces",
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 180_000,
  reporter: "./table.ts",
});
