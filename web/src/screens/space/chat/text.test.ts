import { describe, expect, it } from "vitest";
import { characters, lengthWords } from "./characters";
import { asLink } from "./link";

describe("the length of a line", () => {
  it("counts what people see", () => {
    expect(characters("👩‍👩‍👧‍👦👏🏽é")).toBe(3);
  });

  it("is told near the end and beyond it", () => {
    expect(lengthWords("x".repeat(100))).toBeUndefined();
    expect(lengthWords("x".repeat(270))).toBe("10 left");
    expect(lengthWords("👏🏽".repeat(281))).toBe("1 character too long.");
  });
});

describe("a link", () => {
  it.each([
    ["example.org/a b", "https://example.org/a%20b"],
    [" http://example.org ", "http://example.org/"],
  ])("%s leads to %s", (typed, link) => expect(asLink(typed)).toBe(link));

  it.each([
    "",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://a:b@example.org/",
    "not a link",
    "ftp://example.org",
  ])("%s leads nowhere", (typed) => expect(asLink(typed)).toBeNull());
});
