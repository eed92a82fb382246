import { beforeEach, expect, it, vi } from "vitest";
import { followInstall, install } from "./install.svelte";

const HOUR = 3_600_000;
let stop = () => {};

beforeEach(() => {
  stop();
  localStorage.clear();
  vi.stubGlobal("matchMedia", () => ({ matches: false }));
});

function visit(now: number): void {
  stop();
  stop = followInstall(now);
}

function offer() {
  const prompt = vi.fn(async () => undefined);
  const event = Object.assign(new Event("beforeinstallprompt", { cancelable: true }), { prompt });
  dispatchEvent(event);
  return { event, prompt };
}

it("is said at the second visit, and a page loaded anew is no visit", () => {
  visit(HOUR);
  offer();
  expect(install.way).toBeNull();
  visit(HOUR + 60_000);
  expect(install.way).toBeNull();
  visit(3 * HOUR);
  expect(install.way).toBe("button");
});

it("is asked by the browser, once, when one wants it", async () => {
  visit(HOUR);
  visit(3 * HOUR);
  const { event, prompt } = offer();
  expect(event.defaultPrevented).toBe(true);
  await install.accept();
  expect(prompt).toHaveBeenCalledOnce();
  expect(install.way).toBeNull();
});

it("is never said again to whoever does not want it", () => {
  visit(HOUR);
  visit(3 * HOUR);
  offer();
  install.dismiss();
  expect(install.way).toBeNull();
  visit(24 * HOUR);
  expect(install.way).toBeNull();
});

it("is not said on the home screen itself", () => {
  visit(HOUR);
  vi.stubGlobal("matchMedia", () => ({ matches: true }));
  visit(3 * HOUR);
  offer();
  expect(install.way).toBeNull();
});

it("is told by hand on iOS, where browsers offer nothing", async () => {
  await install.accept();
  vi.spyOn(navigator, "userAgent", "get").mockReturnValue("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0)");
  visit(HOUR);
  expect(install.way).toBeNull();
  visit(3 * HOUR);
  expect(install.way).toBe("by-hand");
});
