import { expect, it } from "vitest";
import { accountsCount, faultWords, jobsCount, kindWords, liveWords, percent, triesWords } from "./words";

it("says where counting ended", () => {
  expect([jobsCount(3), jobsCount(1000), accountsCount(1000), accountsCount(100_000)]).toEqual([
    "3",
    "1,000+",
    "1,000",
    "100,000+",
  ]);
});

it("counts what is live", () => {
  expect([0, 1, 9].map(liveWords)).toEqual(["No space is live", "1 space live", "9 spaces live"]);
});

it("writes thousandths as hundredths", () => {
  expect([percent(312), percent(0), percent(1000)]).toEqual(["31.2 %", "0 %", "100 %"]);
});

it("names what it knows to be done, and what it does not by its own word", () => {
  expect([kindWords("mail"), kindWords("stir_the_soup")]).toEqual(["Mail", "stir the soup"]);
  expect([0, 1, 8].map(triesWords)).toEqual(["not tried yet", "tried once", "tried 8 times"]);
});

it("says in which theme a colour cannot be read, and how far it is from it", () => {
  const fault = { ratio: 2.1, needed: 4.5 } as const;
  expect(faultWords({ theme: "light", ...fault })).toContain("In the light theme");
  expect(faultWords({ theme: "dark", ...fault })).toContain("its contrast is 2.1 to 1, and it takes 4.5");
});
