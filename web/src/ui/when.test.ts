import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  dayAfter,
  daysBetween,
  daysUntil,
  fieldDay,
  fieldTime,
  inHowLong,
  left,
  longDate,
  momentAt,
  whenOf,
  zoneName,
} from "./when";

const zone = process.env.TZ;
const here = (name: string) => {
  process.env.TZ = name;
};
beforeEach(() => here("Europe/Stockholm"));
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const at = (text: string) => new Date(text);
const EN = "en-GB";

describe("a moment in words", () => {
  it("is a time today, and names tomorrow and other days", () => {
    const now = at("2026-11-21T18:12:00Z");
    expect(whenOf(at("2026-11-21T20:30:00Z"), now, EN)).toBe("21:30");
    expect(whenOf(at("2026-11-22T18:30:00Z"), now, EN)).toBe("tomorrow 19:30");
    expect(whenOf(at("2026-11-26T18:30:00Z"), now, EN)).toBe("Thu 26, 19:30");
    expect(longDate(at("2026-11-26T18:30:00Z"), EN)).toBe("Thursday 26 November, 19:30");
  });

  it("is tomorrow after midnight here, wherever midnight is elsewhere", () => {
    const now = at("2026-11-21T22:50:00Z");
    const soon = at("2026-11-21T23:10:00Z");
    expect(whenOf(soon, now, EN)).toBe("tomorrow 00:10");
    expect(inHowLong(soon, now)).toBe("in 20 min");
    here("UTC");
    expect(whenOf(soon, now, EN)).toBe("23:10");
  });

  it("counts minutes, hours, then days of the calendar", () => {
    const now = at("2026-11-21T18:00:00Z");
    expect(inHowLong(at("2026-11-21T18:00:00Z"), now)).toBe("now");
    expect(inHowLong(at("2026-11-21T18:25:01Z"), now)).toBe("in 26 min");
    expect(inHowLong(at("2026-11-21T21:05:00Z"), now)).toBe("in 3 h 05");
    expect(inHowLong(at("2026-11-22T18:30:00Z"), now)).toBe("tomorrow");
    expect(inHowLong(at("2026-11-25T08:00:00Z"), now)).toBe("in 4 days");
  });

  it("says what is left in days of 24 hours, and never less than nothing", () => {
    const now = at("2026-11-21T20:16:00Z");
    expect(left(at("2026-11-26T18:30:00Z"), now)).toEqual({ days: 4, hours: 22, minutes: 14 });
    expect(left(at("2026-11-21T20:00:00Z"), now)).toEqual({ days: 0, hours: 0, minutes: 0 });
  });
});

describe("a time that somebody chooses", () => {
  it("is that of the clocks here on that day", () => {
    const day = dayAfter(at("2026-11-21T18:12:00Z"), 5);
    expect(momentAt(day, "19:30")).toEqual({ moment: at("2026-11-26T18:30:00Z"), isShifted: false });
    here("America/New_York");
    const there = momentAt(dayAfter(at("2026-11-21T18:12:00Z"), 5), "19:30");
    expect(there?.moment).toEqual(at("2026-11-27T00:30:00Z"));
  });

  it("keeps its hour across a change of the clocks", () => {
    const now = at("2026-10-24T10:00:00Z");
    expect(momentAt(dayAfter(now, 0), "19:30")?.moment).toEqual(at("2026-10-24T17:30:00Z"));
    expect(momentAt(dayAfter(now, 1), "19:30")?.moment).toEqual(at("2026-10-25T18:30:00Z"));
    expect(daysBetween(now, dayAfter(now, 2))).toBe(2);
  });

  it("that the clocks leave out is later, and says so", () => {
    const day = dayAfter(at("2026-03-28T10:00:00Z"), 1);
    const chosen = momentAt(day, "02:30");
    expect(chosen).toEqual({ moment: at("2026-03-29T01:30:00Z"), isShifted: true });
    expect(chosen && fieldTime(chosen.moment)).toBe("03:30");
  });

  it("that the clocks show twice is the first of both", () => {
    const day = dayAfter(at("2026-10-24T10:00:00Z"), 1);
    expect(momentAt(day, "02:30")).toEqual({ moment: at("2026-10-25T00:30:00Z"), isShifted: false });
  });

  it("on the day the clocks change is on that day, also in its 25th hour", () => {
    const late = at("2026-10-25T22:30:00Z");
    expect(daysBetween(at("2026-10-24T22:30:00Z"), late)).toBe(0);
    expect(whenOf(late, at("2026-10-24T22:30:00Z"), EN)).toBe("23:30");
  });

  it("on a day of a calendar is as many days away, across a change of the clocks", () => {
    const now = at("2026-10-20T22:30:00Z");
    const day = dayAfter(now, 30);

    expect(fieldDay(now)).toBe("2026-10-21");
    expect(fieldDay(day)).toBe("2026-11-20");
    expect(daysUntil(now, fieldDay(day))).toBe(30);
    expect(daysUntil(now, "")).toBeNull();
  });

  it("may be none", () => {
    for (const time of ["", "25:00", "12:60", "noon"]) expect(momentAt(new Date(), time)).toBeNull();
  });

  it("is in a zone that has a name", () => {
    expect(zoneName()).toBe("Stockholm");
  });
});
