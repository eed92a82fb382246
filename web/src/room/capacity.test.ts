import { describe, expect, it } from "vitest";
import type { Capacity } from "../api/types";
import { roomWords, stepWords } from "./capacity";

const capacity = (room: number | null, step: Capacity["step"] = "none"): Capacity => ({ room, step });

describe("what hosts read about the server", () => {
  it("says how many more may come, as far as that is known", () => {
    expect(roomWords(capacity(8_000))).toBe("Room for about 8,000 more listeners.");
    expect(roomWords(capacity(1))).toBe("Room for one more listener.");
    expect(roomWords(capacity(null))).toBeNull();
  });

  it("promises no room where there is none", () => {
    expect(roomWords(capacity(0))).toBe("No room for more listeners right now.");
    expect(roomWords(capacity(300, "closed"))).toBeNull();
    expect(roomWords(capacity(0, "packets"))).toBeNull();
  });

  it("has calm words for each step, and none at rest", () => {
    const steps = ["none", "encoding", "events", "packets", "closed"] as const;
    const words = steps.map((step) => stepWords(capacity(0, step)));

    expect(words[0]).toBeNull();
    expect(new Set(words).size).toBe(steps.length);
    expect(stepWords(capacity(0, "packets"))).toContain("sound is a little later for listeners");
  });
});
