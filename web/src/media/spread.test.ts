import { describe, expect, it } from "vitest";
import { askingMs, SMALL_MS, windowMs } from "./spread";

describe("the window in which people come back", () => {
  it("is short for few, grows with the audience, and ends at a minute", () => {
    expect([0, 200, 1_000, 8_000, 50_000].map((count) => windowMs(count, false))).toEqual([
      SMALL_MS,
      SMALL_MS,
      2_000,
      16_000,
      60_000,
    ]);
  });

  it("is a twentieth of it for asking, and left out where that saves nothing", () => {
    expect([400, 800, 2_000, 16_000, 60_000].map(askingMs)).toEqual([null, null, SMALL_MS, 800, 3_000]);
  });

  it("is short for those who have a seat, whoever listens", () => {
    expect(windowMs(50_000, true)).toBe(SMALL_MS);
  });
});
