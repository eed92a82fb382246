/** What somebody looked for last is theirs, and only so much of it is kept. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { clearRecent, keepRecent, recentOf } from "./recent";

beforeEach(() => localStorage.clear());
afterEach(() => localStorage.clear());

test("the last comes first, and each stands once", () => {
  for (const words of ["river", "lake", "river"]) keepRecent("ben", words);

  expect(recentOf("ben")).toEqual(["river", "lake"]);
});

test("others on this device have their own", () => {
  keepRecent("ben", "river");
  keepRecent("ama", "lake");
  clearRecent("ben");

  expect(recentOf("ben")).toEqual([]);
  expect(recentOf("ama")).toEqual(["lake"]);
});

test("only the last eight are kept", () => {
  for (let at = 0; at < 12; at++) keepRecent("ben", `word ${at}`);

  expect(recentOf("ben")).toHaveLength(8);
  expect(recentOf("ben")[0]).toBe("word 11");
});

test("what is no list of searches is none", () => {
  for (const stored of ["nonsense", "{}", '[1, null, {"who": "ben"}]']) {
    localStorage.setItem("convivium-searches", stored);
    expect(recentOf("ben")).toEqual([]);
  }
});
