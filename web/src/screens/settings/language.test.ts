/** What choosing a language does, and when. */
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import Language from "./Language.svelte";

const { speak, call } = vi.hoisted(() => ({ speak: vi.fn(), call: { room: null as object | null } }));
vi.mock("../../language", () => ({
  languages: [
    { tag: "en", name: "English" },
    { tag: "de", name: "Deutsch" },
  ],
  speak,
}));
vi.mock("../../room/current.svelte", () => ({ call }));

let page: HTMLElement;
let mounted: object;

beforeEach(() => {
  document.documentElement.lang = "en";
  // This test's page has no dialogs.
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
  page = document.body.appendChild(document.createElement("main"));
  mounted = mount(Language, { target: page });
  flushSync();
});

afterEach(async () => {
  await unmount(mounted);
  page.remove();
  call.room = null;
  speak.mockClear();
});

/** Choose, as arrow keys do too. */
function choose(tag: string): void {
  const select = page.querySelector("select");
  if (!select) throw new Error("There is nothing to choose from.");
  select.value = tag;
  select.dispatchEvent(new Event("change", { bubbles: true }));
  flushSync();
}

const buttons = () =>
  [...page.querySelectorAll("button")].filter(
    ({ textContent }) => textContent.trim() === "Change the language",
  );

it("changes nothing before one says so", () => {
  expect(page.querySelector("main > button")).toBeNull();

  choose("de");
  expect(speak).not.toHaveBeenCalled();

  buttons()[0]?.click();
  expect(speak).toHaveBeenCalledExactlyOnceWith("de");
});

it("asks whoever is in a call", () => {
  call.room = {};
  choose("de");

  buttons()[0]?.click();
  flushSync();
  expect(speak).not.toHaveBeenCalled();
  expect(page.querySelector("dialog")?.open).toBe(true);

  buttons()[1]?.click();
  expect(speak).toHaveBeenCalledExactlyOnceWith("de");
});
