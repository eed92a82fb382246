import { describe, expect, it } from "vitest";
import { person } from "../../api/samples";
import { begunAt, completed, meant } from "./mention";

describe("a name that is begun", () => {
  it.each([
    ["Ask @be", "@be"],
    ["@", "@"],
    ["mail@be", null],
    ["@ben ", null],
    ["(@b", "@b"],
    ["Bread #bäck", "#bäck"],
    ["#", null],
    ["a#b", null],
    ["#bread.", null],
  ])("%s: %s", (text, begun) => {
    const found = begunAt(text, text.length);
    expect(found && found.sign + found.word).toBe(begun);
  });

  it("is looked for where the caret is", () => {
    expect(begunAt("@be and more", 3)).toEqual({ sign: "@", word: "be" });
  });

  it("may be of whoever's handle or name begins so", () => {
    const people = [person("ama", { display_name: "Ama Benning" }), person("ben"), person("chidi")];

    expect(meant(people, "be").map(({ id }) => id)).toEqual(["ama", "ben"]);
    expect(meant(people, "")).toHaveLength(3);
    expect(meant([person("g1", { name: null, display_name: "Guest" })], "x")).toEqual([]);
  });

  it("is written out with one space behind it, and the caret after that", () => {
    expect(completed("Ask @be now", 7, "ben")).toEqual({ text: "Ask @ben now", caret: 9 });
    expect(completed("My #br", 6, "bread")).toEqual({ text: "My #bread ", caret: 10 });
    expect(completed("@b", 2, "ben")).toEqual({ text: "@ben ", caret: 5 });
  });
});
