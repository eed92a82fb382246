import { expect, it } from "vitest";
import { browserOf, lastUsed } from "./words";

it.each([
  ["Firefox", "Linux", "Firefox on Linux"],
  ["Firefox", "", "Firefox"],
  ["", "Android", "A browser on Android"],
  ["", "", "A browser"],
])("names a browser as far as it is known: %s %s", (browser, system, words) => {
  expect(browserOf({ browser, system })).toBe(words);
});

it.each([
  ["2026-03-02", "Last used today"],
  ["2026-03-01", "Last used today"],
  ["2026-02-28", "Last used yesterday"],
  ["2026-02-01", "Last used 28 days ago"],
])("says when something was used, the day of UTC being ahead or not: %s", (day, words) => {
  expect(lastUsed(day, new Date(2026, 2, 1, 20))).toBe(words);
});
