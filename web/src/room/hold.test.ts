import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HOLD_MS, Hold } from "./hold";

describe("who is said to speak", () => {
  let said: (readonly string[])[];
  let hold: Hold;

  beforeEach(() => {
    vi.useFakeTimers();
    said = [];
    hold = new Hold((ids) => said.push(ids));
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it("stays so through the pauses between syllables", () => {
    for (let syllable = 0; syllable < 20; syllable++) {
      hold.see(["ama"]);
      vi.advanceTimersByTime(200);
      hold.see([]);
      vi.advanceTimersByTime(HOLD_MS - 100);
    }

    expect(said).toEqual([["ama"]]);
  });

  it("is nobody any more a moment after the last syllable, counted from its end", () => {
    hold.see(["ama"]);
    vi.advanceTimersByTime(10 * HOLD_MS);
    hold.see([]);
    vi.advanceTimersByTime(HOLD_MS - 1);
    expect(said).toEqual([["ama"]]);

    vi.advanceTimersByTime(1);
    expect(said).toEqual([["ama"], []]);
  });

  it("is counted for each person alone", () => {
    hold.see(["ama"]);
    hold.see(["ama", "ben"]);
    hold.see(["ben"]);
    vi.advanceTimersByTime(HOLD_MS);

    expect(said).toEqual([["ama"], ["ama", "ben"], ["ben"]]);
  });

  it("is at once whoever takes the turn, when the one before has paused", () => {
    hold.see(["ama"]);
    hold.see([]);
    hold.see(["ben"]);
    vi.advanceTimersByTime(10 * HOLD_MS);

    expect(said).toEqual([["ama"], ["ben"]]);
  });

  it("does not alternate while two speak over each other", () => {
    hold.see(["ama", "ben"]);
    for (const syllable of [["ama"], ["ben"], [], ["ben"], ["ama"], ["ama", "ben"]]) {
      hold.see(syllable);
      vi.advanceTimersByTime(200);
    }

    expect(said).toEqual([["ama", "ben"]]);
  });

  it("is nobody at once at the end, and nothing follows", () => {
    hold.see(["ama"]);
    hold.see([]);
    hold.end();
    vi.advanceTimersByTime(2 * HOLD_MS);

    expect(said).toEqual([["ama"], []]);
  });
});
