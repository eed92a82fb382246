import { beforeEach, describe, expect, it } from "vitest";
import { forgetTime, learnTime, serverNow } from "./server-time";

const NINE = Date.parse("2026-03-01T21:00:00Z");

beforeEach(forgetTime);

describe("the server's time", () => {
  it("is the browser's until an answer says otherwise", () => {
    expect(serverNow(NINE)).toBe(NINE);
    learnTime(null);
    learnTime("yesterday");
    expect(serverNow(NINE)).toBe(NINE);
  });

  it("is found although this clock is two minutes slow", () => {
    learnTime("Sun, 01 Mar 2026 21:02:00 GMT", NINE);
    expect(serverNow(NINE)).toBe(NINE + 120_000);
  });

  it("comes nearer with every answer, since the date leaves out what is below a second", () => {
    learnTime("Sun, 01 Mar 2026 21:02:00 GMT", NINE + 900);
    learnTime("Sun, 01 Mar 2026 21:02:03 GMT", NINE + 3_100);
    learnTime("Sun, 01 Mar 2026 21:02:07 GMT", NINE + 7_700);
    expect(serverNow(NINE)).toBe(NINE + 119_900);
  });

  it("follows a clock that was set", () => {
    learnTime("Sun, 01 Mar 2026 21:02:00 GMT", NINE);
    learnTime("Sun, 01 Mar 2026 21:02:05 GMT", NINE + 125_000);
    expect(serverNow(NINE + 125_000)).toBe(NINE + 125_000);
  });
});
