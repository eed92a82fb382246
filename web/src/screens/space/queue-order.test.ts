import { describe, expect, it } from "vitest";
import { heldAt, placeAt, standsBefore } from "./queue-order";

const LINE = ["ama", "ben", "chidi"];

describe("moving people in line", () => {
  it.each([
    [0, ["chidi", "ama", "ben"]],
    [1, ["ama", "chidi", "ben"]],
    [2, LINE],
    [9, LINE],
    [-1, ["chidi", "ama", "ben"]],
  ])("to place %i", (at, order) => {
    expect(heldAt(LINE, "chidi", at)).toEqual(order);
  });

  it("is told as before whom somebody stands", () => {
    expect(LINE.map((person) => standsBefore(LINE, person))).toEqual(["ben", "chidi", null]);
  });

  it("follows a pointer past the middles of others", () => {
    expect([5, 45, 95, 300].map((y) => placeAt([40, 90], y))).toEqual([0, 1, 2, 2]);
  });
});
