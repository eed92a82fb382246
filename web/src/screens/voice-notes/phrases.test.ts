import { describe, expect, it } from "vitest";
import { gathered, phrasesOf, shareBehind } from "./phrases";

const levels = (words: string) => [...words].map((letter) => (letter === "x" ? 200 : 0));

describe("a voice note as it is drawn", () => {
  it("has a bar for each phrase", () => {
    expect(phrasesOf(levels("xx--xx--"))).toEqual([
      { from: 0, to: 0.25 },
      { from: 0.5, to: 0.75 },
    ]);
    expect(phrasesOf(levels("----"))).toEqual([]);
    expect(phrasesOf([])).toEqual([]);
  });

  it("does not break where one only breathes", () => {
    expect(phrasesOf(levels(`${"x".repeat(50)}-${"x".repeat(49)}`))).toHaveLength(1);
    expect(phrasesOf(levels(`${"x".repeat(50)}----${"x".repeat(46)}`))).toHaveLength(2);
  });

  it("takes what is soft for a pause", () => {
    expect(phrasesOf([60, 80, 60, 60])).toEqual([{ from: 0.25, to: 0.5 }]);
  });

  it.each([
    [0.1, 0],
    [0.25, 0],
    [0.5, 0.5],
    [0.9, 1],
  ])("at %d of it, %d of a phrase is behind one", (place, behind) => {
    expect(shareBehind({ from: 0.25, to: 0.75 }, place)).toBe(behind);
  });

  it("is gathered into as many parts as are drawn, however long it was", () => {
    expect(gathered([0, 9, 1, 2, 8, 0], 3)).toEqual([9, 2, 8]);
    expect(gathered([5, 7], 4)).toEqual([5, 5, 7, 7]);
    expect(gathered([], 2)).toEqual([0, 0]);
  });
});
