import { afterEach, describe, expect, it, vi } from "vitest";
import { alarmWords, isPutAway, putAway, windowSince } from "./alarm";

const TIMES = { since: "2026-01-01T12:00:00Z", until: "2026-01-01T12:01:10Z" };

describe("many at once", () => {
  it.each([
    [500, 100, "500 people came and 100 asked to speak within seconds."],
    [60, 0, "60 people came within seconds."],
    [0, 20, "20 asked to speak within seconds."],
    [1, 15, "1 person came and 15 asked to speak within seconds."],
  ])("%i newcomers and %i requests", (newcomers, requests, words) => {
    expect(alarmWords({ ...TIMES, newcomers, requests })).toBe(words);
  });

  it.each([
    [20, 30],
    [30, 60],
    [300, 900],
    [7_200, 900],
  ])("%i s after it began, whoever came within %i s is meant", (after, wanted) => {
    const now = Date.parse(TIMES.since) + after * 1_000;
    expect(windowSince(TIMES.since, now, [30, 60, 300, 900])).toBe(wanted);
  });

  describe("put away", () => {
    const alarm = { ...TIMES, newcomers: 60, requests: 0 };
    afterEach(() => {
      vi.restoreAllMocks();
      sessionStorage.clear();
    });

    it("stays so, in that space, until there is another", () => {
      putAway("kitchen", alarm);
      expect(isPutAway("kitchen", { ...alarm, until: "2026-01-01T12:02:00Z", newcomers: 90 })).toBe(true);
      expect(isPutAway("garden", alarm)).toBe(false);
      expect(isPutAway("kitchen", { ...alarm, since: "2026-01-01T13:00:00Z" })).toBe(false);
    });

    it("is no trouble where nothing can be kept", () => {
      vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
        throw new DOMException("", "SecurityError");
      });
      putAway("kitchen", alarm);
      expect(isPutAway("kitchen", alarm)).toBe(false);
    });
  });
});
