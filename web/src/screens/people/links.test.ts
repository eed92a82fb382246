import { expect, test } from "vitest";
import { meantLink, shownLink, topicsIn, wrongLink } from "./links";

test("an address is read without what every address has", () => {
  expect(shownLink("https://example.org/")).toBe("example.org");
  expect(shownLink("https://example.org/rivers?a=b")).toBe("example.org/rivers?a=b");
});

test.each([
  ["example.org", "https://example.org"],
  [" https://example.org ", "https://example.org"],
  ["http://example.org", "http://example.org"],
  ["javascript:alert(1)", "javascript:alert(1)"],
  ["", ""],
])("%s is meant as %s", (typed, meant) => expect(meantLink(typed)).toBe(meant));

test("only an address on the web is right, or none", () => {
  for (const right of ["", " ", "example.org", "HTTPS://example.org/x"]) expect(wrongLink(right)).toBe("");
  for (const wrong of ["http://example.org", "javascript:alert(1)", "localhost", "https://", "a b.org"])
    expect(wrongLink(wrong)).not.toBe("");
});

test("topics stand between commas, each once", () => {
  expect(topicsIn(" Rivers,, Frogs , Rivers")).toEqual(["Rivers", "Frogs"]);
});
