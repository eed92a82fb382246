import { afterEach, describe, expect, it, vi } from "vitest";
import { draftOf, keepDraft } from "./drafts";

afterEach(() => localStorage.clear());

describe("what one has begun to write", () => {
  it("is there again for the same person in the same place", () => {
    keepDraft("ama", "new", "Bread");
    keepDraft("ama", "reply p1", "Yes");

    expect(draftOf("ama", "new")).toBe("Bread");
    expect(draftOf("ama", "reply p1")).toBe("Yes");
    expect(draftOf("ben", "new")).toBe("");
  });

  it("goes when it is sent", () => {
    keepDraft("ama", "new", "Bread");
    keepDraft("ama", "new", " ");

    expect(localStorage).toHaveLength(0);
  });

  it("is kept for so many only: the oldest go", () => {
    for (let number = 0; number < 30; number++) keepDraft("ama", `reply p${number}`, "x");

    expect(draftOf("ama", "reply p9")).toBe("");
    expect(draftOf("ama", "reply p29")).toBe("x");
  });

  it("needs no browser that keeps anything, and trusts nothing it finds", () => {
    localStorage.setItem("convivium-drafts", '[null, {"who": "ama", "to": "new", "text": 7}, 3]');
    expect(draftOf("ama", "new")).toBe("");
    localStorage.setItem("convivium-drafts", "{");
    expect(draftOf("ama", "new")).toBe("");
    const full = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("", "QuotaExceededError");
    });

    keepDraft("ama", "new", "Bread");
    expect(full).toHaveBeenCalled();
  });
});
