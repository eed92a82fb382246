import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { toast, toasts } from "./toasts.svelte";

const texts = () => toasts.map((shown) => shown.toast.text);

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.runAllTimers();
  toasts.length = 0;
  vi.useRealTimers();
});

it("a toast goes by itself after it could be read", () => {
  toast({ text: "Link copied" });
  vi.advanceTimersByTime(4999);
  expect(texts()).toEqual(["Link copied"]);

  vi.advanceTimersByTime(1);
  expect(texts()).toEqual([]);
});

it("with something to press it stays longer", () => {
  toast({ text: "We'll ring at 21:30", action: { label: "Undo", act: () => {} } });
  vi.advanceTimersByTime(9999);

  expect(texts()).toHaveLength(1);
});

it("one that stays goes only when it is taken away", () => {
  const away = toast({ text: "Inés is inviting you up", stay: true });
  vi.advanceTimersByTime(60_000);
  expect(texts()).toHaveLength(1);

  away();
  away();
  expect(texts()).toEqual([]);
});

it("never more than three are shown: the oldest goes", () => {
  for (const text of ["1", "2", "3", "4"]) toast({ text });

  expect(texts()).toEqual(["2", "3", "4"]);
});
