import { expect, it } from "vitest";
import { RequestKey } from "./request-key";

it("names the same request by the same key, and another one by another", () => {
  const key = new RequestKey();
  const bread = key.for({ title: "Bread" });

  expect(key.for({ title: "Bread" })).toBe(bread);
  expect(key.for({ title: "Salt" })).not.toBe(bread);
});

it("takes what was sent before something else for a new request", () => {
  const key = new RequestKey();
  const [bread, , again] = ["Bread", "Salt", "Bread"].map((title) => key.for({ title }));

  expect(again).not.toBe(bread);
});

it("makes keys that nobody else makes, within the length the server takes", () => {
  const keys = Array.from({ length: 50 }, () => new RequestKey().for({ title: "Bread" }));

  expect(new Set(keys).size).toBe(50);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
});
