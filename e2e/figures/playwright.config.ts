import { defineConfig } from "@playwright/test";

/** Figures, not tests: run by `make bench`, which gives the time and counts the repetitions. */
export default defineConfig({
  testDir: ".",
  outputDir: "../test-results/figures",
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 300_000,
  expect: { timeout: 15_000 },
  reporter: "line",
});
