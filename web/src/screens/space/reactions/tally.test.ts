import { describe, expect, it } from "vitest";
import { inWords, partsOf, SET, TONES, toned } from "./set";
import { Allowance, Tally } from "./tally";

describe("the set", () => {
  it("gives hands a skin tone, and nothing else", () => {
    expect(toned("👏", 5)).toBe("👏🏿");
    expect(toned("❤️", 5)).toBe("❤️");
  });

  it("knows everything that it sends", () => {
    for (const reaction of SET)
      for (const tone of TONES.keys()) {
        const parts = partsOf(toned(reaction, tone));
        expect(parts?.reaction).toBe(reaction);
        expect(toned(reaction, parts?.tone ?? -1)).toBe(toned(reaction, tone));
      }
  });

  it("knows nothing of what a newer server may send", () => {
    expect(partsOf("🍕")).toBeNull();
    expect(partsOf("👏🍕")).toBeNull();
  });

  it("is told with the most given first", () => {
    const counts = new Map([["🔥", 1] as const, ["👏", 1_200] as const]);

    expect(inWords(counts)).toBe("1,200 × applause, 1 × fire");
  });
});

describe("what is new in the sums", () => {
  it("is what has grown", () => {
    expect(new Tally().fresh({ "👏": 2, "🔥": 1 }, { "👏": 5, "🔥": 1, "😮": 1 })).toEqual([
      ["👏", 3],
      ["😮", 1],
    ]);
  });

  it("leaves out once what was shown before", () => {
    const tally = new Tally();
    tally.expect("👏");
    tally.expect("👏");

    expect(tally.fresh({}, { "👏": 1 })).toEqual([]);
    expect(tally.fresh({ "👏": 1 }, { "👏": 4 })).toEqual([["👏", 2]]);
    expect(tally.fresh({ "👏": 4 }, { "👏": 5 })).toEqual([["👏", 1]]);
  });

  it("expects no more of what was not taken", () => {
    const tally = new Tally();
    tally.expect("👏");
    tally.retract("👏");
    tally.retract("👏");
    tally.expect("👏");

    expect(tally.fresh({}, { "👏": 2 })).toEqual([["👏", 1]]);
  });

  it("waits for nothing any more after the sums began anew", () => {
    const tally = new Tally();
    tally.expect("👏");
    tally.forget();

    expect(tally.fresh({}, { "👏": 1 })).toEqual([["👏", 1]]);
  });
});

describe("how often one may react", () => {
  it("is so many at once, and then so many each second", () => {
    const allowance = new Allowance(3, 2);
    const taken = (now: number) => allowance.take(now);

    expect([0, 0, 0, 0].map(taken)).toEqual([true, true, true, false]);
    expect([400, 500, 900].map(taken)).toEqual([false, true, false]);
    expect([60_000, 60_000, 60_000, 60_000].map(taken)).toEqual([true, true, true, false]);
  });
});
