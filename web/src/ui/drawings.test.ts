import { describe, expect, it } from "vitest";
import type { Shape } from "./drawing";
import { face } from "./faces";
import { stillLife } from "./still-lifes";

const IDS = Array.from({ length: 300 }, (_, i) => `id-${i}`);

describe.each([
  ["faces", face, 200],
  ["still lifes", stillLife, 30],
] as const)("%s", (_, draw: (id: string) => Shape[], atLeast) => {
  it("stay the same for the same id", () => {
    expect(draw("ama")).toEqual(draw("ama"));
  });

  it("vary", () => {
    expect(new Set(IDS.map((id) => JSON.stringify(draw(id)))).size).toBeGreaterThan(atLeast);
  });

  it("are made of outlines that begin somewhere and contain numbers only", () => {
    for (const { d, fill } of IDS.flatMap(draw)) {
      expect(d).toMatch(/^M[-\d. MLHVCQAZaqc]+$/);
      expect(fill).toMatch(/^#[\da-f]{3,8}$/);
    }
  });
});
