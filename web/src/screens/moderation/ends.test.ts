import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endOf } from "./ends";

const zone = process.env.TZ;
beforeEach(() => {
  process.env.TZ = "Europe/Stockholm";
});
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const now = new Date("2026-03-28T12:00:00Z");

describe("the end of a suspension", () => {
  it("is so many days of 24 hours from now, also over a change of the clocks", () => {
    expect(endOf("1", "", now)?.toISOString()).toBe("2026-03-29T12:00:00.000Z");
    expect(endOf("30", "", now)?.toISOString()).toBe("2026-04-27T12:00:00.000Z");
  });

  it("is none for good", () => {
    expect(endOf("good", "", now)).toBeNull();
  });

  it("is the midnight after the day that was chosen, today at the earliest", () => {
    expect(endOf("own", "2026-03-29", now)?.toISOString()).toBe("2026-03-29T22:00:00.000Z");
    expect(endOf("own", "2026-03-28", now)?.toISOString()).toBe("2026-03-28T23:00:00.000Z");
    expect(endOf("own", "2026-03-27", now)).toBeUndefined();
    expect(endOf("own", "", now)).toBeUndefined();
    expect(endOf("own", "2027-03-28", now)?.toISOString()).toBe("2027-03-28T22:00:00.000Z");
    expect(endOf("own", "2027-03-29", now), "that is for good").toBeUndefined();
  });
});
