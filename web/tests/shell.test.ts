/** The shell around the screens: how the page ages, what others share with it, and the home screen of a phone. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { card, person, snapshot, you } from "../src/api/samples";
import type { Me } from "../src/api/types";
import { newestPeer } from "../src/media/fake-peer";
import { type Answers, App, answered, refusal } from "./page";

const BEN: Me = {
  kind: "account",
  id: "ben",
  name: "ben",
  display_name: "Ben",
  role: "member",
  listed: true,
  protected: false,
};
const KITCHEN = "/spaces/kitchen";
const signedIn: Answers = { "GET /me": BEN, "GET /spaces": { items: [], next_cursor: null } };

let app: App;

/** The page as the server writes it. */
function boot(start: object): void {
  const script = document.createElement("script");
  script.type = "application/json";
  script.id = "boot";
  script.textContent = JSON.stringify({ me: BEN, space: null, build: "one", ...start });
  document.head.append(script);
}

beforeEach(() => {
  app = new App();
});
afterEach(async () => {
  await app.close();
  document.head.replaceChildren();
  localStorage.clear();
});

describe("a page that has grown old", () => {
  const other = (body: object) => () => Response.json(body, { headers: { "convivium-build": "two" } });

  it("offers to be loaded anew, and says so once", async () => {
    boot({});
    await app.open("/", { ...signedIn, "GET /spaces": other({ items: [], next_cursor: null }) });

    expect(app.text).toContain("There is a new version of this page.");
    expect(app.names("button").filter((name) => name === "Reload")).toHaveLength(1);
  });

  it("keeps quiet about it as long as one is in a space", async () => {
    boot({ me: null });
    const inside = snapshot({ you: you({ person: person("ben") }) });
    await app.open(KITCHEN, {
      [`GET ${KITCHEN}`]: other(card({ stage: inside.stage })),
      [`POST ${KITCHEN}/call`]: answered,
    });
    expect(app.names("button")).toContain("Reload");
    await app.press("Start listening");
    newestPeer().ice("connected");
    await app.settle();
    expect(app.names("button")).not.toContain("Reload");

    await app.press("Leave");
    expect(app.names("button")).toContain("Reload");
  });

  it("is one screen, with the way out, where the server understands it no more", async () => {
    boot({});
    await app.open("/", { "GET /spaces": () => refusal(426, "too_old") });

    expect(app.find("heading", "This page is too old")).toBeTruthy();
    expect(app.names("button")).toEqual(["Load it anew"]);
    expect(await app.barriers()).toEqual([]);
  });
});

describe("what another app shares", () => {
  const SHARED = "/share?title=Bread&url=https%3A%2F%2Fexample.org%2F";

  it("is a post that is begun, over the home screen", async () => {
    await app.open(SHARED, { ...signedIn, "GET /timeline": { items: [], next_cursor: null } });
    await vi.waitFor(() => app.find("dialog", "Write a post"));

    expect(location.pathname + location.search).toBe("/");
    const sheet = app.find("dialog", "Write a post");
    expect(sheet.querySelector("textarea")?.value).toBe("Bread\nhttps://example.org/");
  });

  it("waits until one has signed in", async () => {
    boot({ me: null });
    await app.open(SHARED, {});

    expect(location.pathname).toBe("/sign-in");
    expect(new URLSearchParams(location.search).get("next")).toBe(SHARED);
  });

  it("stands below what was shared before and not sent, and leaves alone what else one had begun", async () => {
    const drafts = [
      { who: "ben", to: "new", text: "Pepper" },
      { who: "ben", to: "shared", text: "Salt" },
    ];
    localStorage.setItem("convivium-drafts", JSON.stringify(drafts));
    await app.open("/share?text=Bread", { ...signedIn, "GET /timeline": { items: [], next_cursor: null } });
    await vi.waitFor(() => app.find("dialog", "Write a post"));

    expect(app.find("dialog", "Write a post").querySelector("textarea")?.value).toBe("Salt\nBread");
  });
});

describe("the home screen of a phone", () => {
  const again = () => localStorage.setItem("convivium-visits", "1 1000");

  function offer(): () => void {
    const prompt = vi.fn(async () => undefined);
    dispatchEvent(Object.assign(new Event("beforeinstallprompt", { cancelable: true }), { prompt }));
    return prompt;
  }

  it("is offered to whoever comes again, and never again once it was unwanted", async () => {
    again();
    await app.open("/", signedIn);
    offer();
    await app.settle();
    expect(app.find("region", "On your home screen")).toBeTruthy();
    expect(await app.barriers()).toEqual([]);
    await app.press("Do not show this again");

    expect(app.names("region")).not.toContain("On your home screen");
    expect(localStorage.getItem("convivium-install")).toBe("no");
  });

  it("is the browser's own question", async () => {
    again();
    await app.open("/", signedIn);
    const prompt = offer();
    await app.settle();
    await app.press("Install");

    expect(prompt).toHaveBeenCalledOnce();
    expect(app.names("region")).not.toContain("On your home screen");
  });
});

describe("the page that stands in for one that could not be fetched", () => {
  it("says why, and has the way on", async () => {
    const { mount, unmount, flushSync } = await import("svelte");
    const { default: StandIn } = await import("../src/screens/shell/StandIn.svelte");
    const shown = mount(StandIn, { target: document.body });
    flushSync();
    expect(app.find("heading", "No answer")).toBeTruthy();
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    dispatchEvent(new Event("offline"));
    flushSync();

    expect(app.find("heading", "You are offline")).toBeTruthy();
    expect(app.names("button")).toEqual(["Try again"]);
    expect(await app.barriers()).toEqual([]);
    await unmount(shown);
  });
});
