import { describe, expect, it } from "vitest";
import { Refusal } from "../api/errors";
import { waitingWords } from "./waiting";

describe("what somebody reads who is not let in yet", () => {
  it("is the place in line, where there is one", () => {
    expect(waitingWords(new Refusal(503, "in_line", "", 4, 1_812, "t1"))).toBe(
      "You are number 1,812 in line. You are let in when it is your turn.",
    );
  });

  it("says why for each reason, and that one is let in without doing anything", () => {
    const codes = ["admission_closed", "space_crowded", "line_full", "engine_busy"];
    const words = codes.map((code) => waitingWords(new Refusal(503, code, "")));

    expect(new Set(words).size).toBe(codes.length);
    for (const sentence of words) expect(sentence).toContain("You are let in");
  });
});
