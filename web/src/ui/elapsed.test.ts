import { expect, it } from "vitest";
import { clock, roughly, secondsSince } from "./elapsed";

it.each([
  [0, "0:00"],
  [65, "1:05"],
  [2892, "48:12"],
  [3820, "1:03:40"],
])("%i seconds are %s on a clock", (seconds, shown) => {
  expect(clock(seconds)).toBe(shown);
});

it.each([
  [59, "0 min"],
  [2892, "48 min"],
  [3900, "1 h 05"],
])("%i seconds are roughly %s", (seconds, shown) => {
  expect(roughly(seconds)).toBe(shown);
});

it("a space that starts in the future by another machine's clock has lasted no time", () => {
  expect(secondsSince("2026-01-01T00:00:10Z", Date.parse("2026-01-01T00:00:00Z"))).toBe(0);
  expect(secondsSince("2026-01-01T00:00:00Z", Date.parse("2026-01-01T00:00:10.900Z"))).toBe(10);
});
