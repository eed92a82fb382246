import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { go, here } from "./navigation.svelte";

describe("moving between screens", () => {
  let pictured: number;

  beforeEach(() => {
    pictured = 0;
    vi.stubGlobal("scrollTo", () => {});
    vi.stubGlobal("matchMedia", () => ({ matches: false }));
    document.startViewTransition = ((change: () => Promise<void>) => {
      pictured++;
      void change();
      // A page in the background shows no picture.
      const skipped = () => Promise.reject(new DOMException("", "InvalidStateError"));
      return { ready: skipped(), finished: skipped() };
    }) as unknown as typeof document.startViewTransition;
    go("/");
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    document.body.replaceChildren();
  });

  const pebble = () =>
    document.body.append(Object.assign(document.createElement("i"), { className: "pebble shared" }));

  it("changes at once where nothing is on both screens", () => {
    go("/settings");

    expect(here.screen.name).toBe("settings");
    expect(pictured).toBe(0);
  });

  it("lets the pebble of the dock travel, and arrives although the picture is skipped", () => {
    pebble();
    go("/settings");

    expect(pictured).toBe(1);
    expect(here.screen.name).toBe("settings");
  });

  it("changes at once for whoever wants less motion", () => {
    pebble();
    vi.stubGlobal("matchMedia", () => ({ matches: true }));
    go("/settings");

    expect(pictured).toBe(0);
  });

  it("changes at once in a browser that knows no such pictures", () => {
    pebble();
    Reflect.deleteProperty(document, "startViewTransition");
    go("/settings");

    expect(here.screen.name).toBe("settings");
  });
});
