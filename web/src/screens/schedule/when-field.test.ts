import { flushSync, mount, unmount } from "svelte";
import { afterEach, expect, it } from "vitest";
import When from "./When.svelte";

let leave = () => {};
afterEach(() => leave());

/** The field of days farther ahead, typed into as a browser tells it: with every digit of the year. */
function dayField() {
  const now = new Date(2026, 2, 1, 12);
  const shown = mount(When, { target: document.body, props: { moment: null, now, days: 365 } });
  leave = () => void unmount(shown);
  flushSync();
  const field = document.querySelector<HTMLInputElement>("input[type=date]");
  if (!field) throw new Error("No field for another day");
  const say = (value: string, event: "change" | "blur") => {
    field.value = value;
    field.dispatchEvent(new Event(event, { bubbles: event === "change" }));
    flushSync();
    return field.value;
  };
  return { say };
}

it("a year can be typed digit by digit", () => {
  const { say } = dayField();
  for (const half of ["0002-01-15", "0020-01-15", "0202-01-15"]) expect(say(half, "change")).toBe(half);

  expect(say("2027-01-15", "change")).toBe("2027-01-15");
  expect(say("2027-01-15", "blur"), "it was taken").toBe("2027-01-15");
  say("0002-01-15", "change");
  expect(say("0002-01-15", "blur"), "a day that cannot be gives way to the one that is chosen").toBe(
    "2027-01-15",
  );
});
