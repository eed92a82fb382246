import { describe, expect, it } from "vitest";
import { MODERATION } from "../../routes";
import { casePath, LOG, placeAt, recordPath, SUSPENSIONS } from "./places";

const restOf = (path: string) => path.slice(MODERATION.length + 1);

describe("an address of moderators is a page", () => {
  it("reads what it writes", () => {
    expect(placeAt(restOf(MODERATION))).toEqual({ name: "cases", id: null });
    expect(placeAt(restOf(casePath("7_a")))).toEqual({ name: "cases", id: "7_a" });
    expect(placeAt(restOf(recordPath("ben")))).toEqual({ name: "person", id: "ben" });
    expect(placeAt(restOf(SUSPENSIONS))).toEqual({ name: "suspensions" });
    expect(placeAt(restOf(LOG))).toEqual({ name: "log" });
  });

  it.each(["cases", "cases/", "cases/a/b", "cases/%2e%2e", "people", "logs", "elsewhere"])(
    "%s leads nowhere",
    (rest) => {
      expect(placeAt(rest)).toEqual({ name: "nowhere" });
    },
  );
});
