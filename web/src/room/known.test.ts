import { describe, expect, it } from "vitest";
import { knownWords } from "./known";

describe("those one knows inside", () => {
  const said = (...names: string[]) => Object.values(knownWords(names)).join("");

  it("are named while they are few", () => {
    expect(said("Noor")).toBe("Noor, whom you follow, is listening");
    expect(said("Noor", "Yuki")).toBe("Noor and Yuki, whom you follow, are listening");
    expect(said("Noor", "Yuki", "Ivo")).toBe("Noor, Yuki and Ivo, whom you follow, are listening");
  });

  it("are counted beyond three", () => {
    expect(said("Noor", "Yuki", "Ivo", "Maja")).toBe("Noor, Yuki, Ivo and 1 more you follow are listening");
    expect(said("Noor", "Yuki", "Ivo", "Maja", "Teo")).toBe(
      "Noor, Yuki, Ivo and 2 more you follow are listening",
    );
  });
});
