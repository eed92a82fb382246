import { describe, expect, it } from "vitest";
import { seat, waiting } from "../api/samples";
import { badgesOf, lengthWords, placeWords, turnLeft, waitWords } from "./floor";

const NOW = Date.parse("2026-03-01T20:00:00Z");
const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();

describe("one's place", () => {
  it.each([
    [1, "You’re next"],
    [3, "You’re third in line"],
    [14, "You’re number 14 in line"],
  ])("%i", (place, words) => {
    expect(placeWords(place)).toBe(words);
  });
});

describe("the wait", () => {
  it.each([
    [null, "How long it takes cannot be told yet."],
    [at(20), "In less than a minute."],
    [at(60), "About a minute."],
    [at(250), "About 4 minutes."],
    [at(-120), "It takes longer than it did for others."],
  ])("%s", (expected, words) => {
    expect(waitWords(expected, NOW)).toBe(words);
  });

  it("lengths are told in whole minutes where they are", () => {
    expect([20, 60, 90, 180].map(lengthWords)).toEqual(["20 seconds", "1 minute", "90 seconds", "3 minutes"]);
  });
});

describe("badges", () => {
  const about = {
    since: at(-90 * 86_400),
    follows_host: false,
    followed_by_host: false,
    spoke: 0,
    removed: 0,
  };
  const words = (change: Partial<typeof about>) =>
    badgesOf(waiting("ben", 1, "", { about: { ...about, ...change } }), NOW).map(({ text }) => text);

  it("say what a host may want to know, the weightiest first", () => {
    expect(words({})).toEqual(["First time on stage"]);
    expect(words({ spoke: 3, followed_by_host: true })).toEqual(["Spoke 3 times", "You follow"]);
    expect(words({ spoke: 1, removed: 1, since: at(-6 * 3_600), follows_host: true })).toEqual([
      "Removed once",
      "Spoke once",
      "Follows you",
      "Here 6 h",
    ]);
    expect(words({ since: at(-2 * 86_400) })).toContain("Here 2 days");
  });
});

describe("a turn", () => {
  const left = (seconds: number) => turnLeft(seat("ben", { turn_ends_at: at(seconds) }), 120, NOW);

  it("has no end unless it is given one", () => {
    expect(turnLeft(seat("ben"), 120, NOW)).toBeNull();
  });

  it("is shown as seconds and as a part of the whole", () => {
    expect(left(48)).toMatchObject({ seconds: 48, part: 0.4, isOver: false, isShort: false });
    expect(left(9.5)).toMatchObject({ seconds: 10, isShort: true, isOver: false });
    expect(left(-2)).toMatchObject({ seconds: 0, part: 0, isOver: true });
    // A clock that is a little behind shows no more than a turn has.
    expect(left(120.4)).toMatchObject({ seconds: 120 });
    // More time than a whole turn was given.
    expect(left(121.5)).toMatchObject({ seconds: 122 });
    expect(left(150)).toMatchObject({ part: 1 });
  });
});
