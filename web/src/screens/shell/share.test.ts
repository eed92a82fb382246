import { expect, it } from "vitest";
import { sharedWords } from "./share";

const shared = (parts: Record<string, string>) => sharedWords(`?${new URLSearchParams(parts)}`);

it("is all that was shared, line by line", () => {
  const url = "https://example.org/bread";
  expect(shared({ title: "Bread", text: "By hand", url })).toBe(`Bread\nBy hand\n${url}`);
});

it("says nothing twice", () => {
  expect(shared({ title: "Bread", text: "Bread https://example.org/", url: "https://example.org/" })).toBe(
    "Bread https://example.org/",
  );
  expect(shared({ title: "Bread", text: "Bread" })).toBe("Bread");
});

it("is nothing where nothing was shared, and not without end", () => {
  expect(sharedWords("")).toBe("");
  expect(shared({ text: "  " })).toBe("");
  expect(shared({ text: "x".repeat(5_000) })).toHaveLength(2_000);
});
