/** Explore as people find it: what there is for everyone, the field, and what was found. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { card, person, post } from "../src/api/samples";
import type { ForEveryone, Found, Me } from "../src/api/types";
import { type Answers, App, refusal } from "./page";

const BEN: Me = {
  kind: "account",
  id: "ben",
  name: "ben",
  display_name: "Ben",
  role: "member",
  listed: true,
  protected: false,
};
const relation = {
  follows: false,
  followed_by: false,
  blocks: false,
  mutes: false,
  asked: false,
  bell: false,
};
const QUIET: ForEveryone = { featured: [], lively: [], soon: [], topics: [], languages: [], people: [] };
const EVENING: ForEveryone = {
  ...QUIET,
  featured: [card({ id: "supper", title: "Supper" })],
  lively: [card({ id: "river", title: "What the river remembers" })],
  topics: [{ topic: "Rivers", spaces: 2 }],
  languages: [{ language: "de", spaces: 1 }],
  people: [{ ...person("luca"), relation }],
};
const NOTHING: Found = {
  people: { items: [], next_cursor: null },
  spaces: { items: [], next_cursor: null },
  posts: { items: [], next_cursor: null },
  tags: { items: [], next_cursor: null },
};
const RIVER: Found = {
  people: { items: [{ ...person("luca"), relation }], next_cursor: null },
  spaces: { items: [card({ title: "River live" })], next_cursor: null },
  posts: { items: [post("p1", { text: "The river at night" })], next_cursor: "1" },
  tags: { items: [{ tag: "rivers", posts: 100 }], next_cursor: null },
};

let app: App;

beforeEach(() => {
  app = new App();
  localStorage.clear();
});
afterEach(async () => {
  await app.close();
});

const signedIn: Answers = { "GET /me": BEN, "GET /explore": EVENING };

async function open(address: string, more: Answers = {}): Promise<void> {
  await app.open(address, { ...signedIn, ...more });
  await vi.waitFor(() => field(), { timeout: 5_000 });
  await app.settle();
}

const field = () => app.find("textbox", "Search people, spaces, posts and topics") as HTMLInputElement;

/** Type into the field; words are looked for as soon as they rest. */
async function look(words: string): Promise<void> {
  const before = looks();
  field().focus();
  field().value = words;
  field().dispatchEvent(new Event("input", { bubbles: true }));
  await (words ? lookedMoreThan(before) : app.settle());
}

const looks = () => app.asked.filter((one) => one === "GET /search").length;

async function lookedMoreThan(before: number): Promise<void> {
  await vi.waitFor(() => expect(looks()).toBeGreaterThan(before), { timeout: 5_000 });
  await app.settle();
}

async function press(key: string): Promise<void> {
  field().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  await app.settle();
}

describe("without a word", () => {
  it("shows what there is for everyone, once, and that it ends", async () => {
    await open("/explore");

    for (const part of ["Featured", "Lively now", "Topics", "Languages", "People worth following"])
      expect(app.find("region", part)).toBeTruthy();
    expect(app.find("link", "What the river remembers").getAttribute("href")).toBe("/spaces/river");
    expect(app.find("link", "Rivers 2").getAttribute("href")).toBe("/explore?q=Rivers");
    expect(app.find("link", "German 1").getAttribute("href")).toBe("/explore?language=de");
    expect(app.text).toContain("That is all there is right now.");
    expect(await app.barriers()).toEqual([]);
  });

  it("says that it is quiet, or that there was no answer", async () => {
    await open("/explore", { "GET /explore": QUIET });
    expect(app.find("heading", "It is quiet here")).toBeTruthy();
    await app.close();

    app = new App();
    let tries = 0;
    const failing = () => (++tries === 1 ? Promise.reject(new TypeError()) : Response.json(QUIET));
    await open("/explore", { "GET /explore": failing });
    expect(app.text).toContain("The server does not answer.");
    await app.press("Try again");
    expect(app.find("heading", "It is quiet here")).toBeTruthy();
  });
});

describe("looking for something", () => {
  it("finds while one types, says how much, and goes on to one kind", async () => {
    await open("/explore", { "GET /search": RIVER });
    await look("riv");

    expect(location.search).toBe("?q=riv");
    expect(app.text).toContain("The river at night");
    expect(app.find("link", "#rivers 100+").getAttribute("href")).toBe("/explore?tag=rivers");
    expect(app.all("status").some((status) => status.textContent === "4 results")).toBe(true);
    expect(await app.barriers()).toEqual([]);
    const before = looks();
    await app.press("All posts");
    await lookedMoreThan(before);
    expect(document.querySelector("[role=tab][aria-selected=true]")?.textContent?.trim()).toBe("Posts");
  });

  it("shows what a link says", async () => {
    await open("/explore?q=river", { "GET /search": RIVER });
    await lookedMoreThan(0);

    expect(field().value).toBe("river");
    expect(app.find("link", "River live")).toBeTruthy();
  });

  it("says when nothing is found, and how to come to a handle", async () => {
    await open("/explore", { "GET /search": NOTHING });
    await look("@Hanna");

    expect(app.find("heading", "Nothing found")).toBeTruthy();
    expect(app.find("link", "Go to @hanna").getAttribute("href")).toBe("/people/hanna");
  });

  it("says what is wrong, and tries again", async () => {
    let tries = 0;
    const answer = () => (++tries === 1 ? refusal(422, "too_broad") : Response.json(RIVER));
    await open("/explore", { "GET /search": answer });
    await look("a b");
    await app.press("Try again");

    expect(app.text).toContain("The river at night");
  });

  it("remembers what was meant, offers it by keys, and forgets it", async () => {
    await open("/explore", { "GET /search": RIVER });
    await look("river");
    field().form?.requestSubmit();
    await app.settle();
    await look("");
    await press("ArrowDown");
    expect(field().getAttribute("aria-expanded")).toBe("true");
    const active = document.getElementById(field().getAttribute("aria-activedescendant") ?? "");
    expect(active?.textContent?.trim()).toBe("river");
    field().form?.requestSubmit();
    await lookedMoreThan(1);
    expect(field().value).toBe("river");

    await look("");
    await app.press("Clear the list");
    expect(field().getAttribute("aria-expanded")).toBe("false");
    expect(localStorage.getItem("convivium-searches")).toBe(null);
  });

  it("is a key away from everywhere", async () => {
    await app.open("/", { ...signedIn, "GET /spaces": { items: [], next_cursor: null } });
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "/", bubbles: true, cancelable: true }));
    await vi.waitFor(() => field(), { timeout: 5_000 });
    await app.settle();

    await vi.waitFor(() => expect(document.activeElement).toBe(field()));
  });
});
