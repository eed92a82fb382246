import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  // Each test runs a server and several browsers that encode sound: side by side they would starve each other.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  // A test that passes only at the second try has found something.
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 10_000 },
  use: { actionTimeout: 15_000 },
  reporter: "list",
});
