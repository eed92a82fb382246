import { describe, expect, it } from "vitest";
import { CLOTHS, clothOf } from "./cloth";
import { dice, hash, pebbleRadius, pick } from "./seed";

const IDS = Array.from({ length: 600 }, (_, i) => `person-${i}`);

describe("seeds", () => {
  it("give the same number for the same text for ever", () => {
    expect([hash(""), hash("a"), hash("Convivium")]).toMatchInlineSnapshot(`
      [
        2872998923,
        444641715,
        1942220802,
      ]
    `);
  });

  it("part neighbouring ids", () => {
    expect(new Set(IDS.map(hash)).size).toBe(IDS.length);
  });

  it("roll numbers in [0, 1) that repeat for the same id only", () => {
    const [one, again, other] = [dice("x"), dice("x"), dice("y")];
    const rolls = Array.from({ length: 50 }, () => one());

    expect(rolls).toEqual(Array.from({ length: 50 }, () => again()));
    expect(rolls[0]).not.toBe(other());
    expect(rolls.every((roll) => roll >= 0 && roll < 1)).toBe(true);
  });

  it("refuse to choose from nothing", () => {
    expect(() => pick(dice("x"), [])).toThrow(RangeError);
  });
});

it("a pebble's corners lie between 38 and 62 per cent and meet on every edge", () => {
  for (const id of IDS) {
    const [across = [], down = []] = pebbleRadius(id)
      .split(" / ")
      .map((side) => side.split(" ").map((part) => Number.parseInt(part, 10)));

    expect([...across, ...down].every((part) => part >= 38 && part <= 62)).toBe(true);
    expect((across[0] ?? 0) + (across[1] ?? 0)).toBe(100);
    expect((across[2] ?? 0) + (across[3] ?? 0)).toBe(100);
    expect((down[0] ?? 0) + (down[3] ?? 0)).toBe(100);
    expect((down[1] ?? 0) + (down[2] ?? 0)).toBe(100);
  }
});

describe("cloths", () => {
  it("stay with their space", () => {
    expect(clothOf("s1")).toBe(clothOf("s1"));
  });

  it.each(CLOTHS)("lay %s on a fair share of spaces", (cloth) => {
    const share = IDS.filter((id) => clothOf(id) === cloth).length / IDS.length;

    expect(share).toBeGreaterThan(0.1);
  });
});
