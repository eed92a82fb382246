/** How one is told: the grid, the quiet hours, push in this browser, and what shows a push. */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { profile } from "../src/api/samples";
import type { Me, NotificationSettings, Push } from "../src/api/types";
import { MATTERS } from "../src/screens/notification-settings/matters";
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
const all = { app: true, push: true, mail: false };
const SETTINGS: NotificationSettings = {
  zone: "Europe/Berlin",
  quiet: null,
  kinds: { ...Object.fromEntries(MATTERS.map(({ id }) => [id, all])), likes: { ...all, push: false } },
};
const PHONE: Push = {
  id: "phone",
  this: false,
  browser: "Safari",
  system: "iPhone",
  since: "2026-03-01T20:00:00Z",
};
const HERE: Push = { ...PHONE, id: "here", this: true, browser: "Chrome", system: "Linux" };

let app: App;
let said: unknown[];
let items: Push[];
/** What the browser has of push; null: nothing. */
let permission: NotificationPermission | null;

beforeEach(() => {
  app = new App();
  said = [];
  items = [];
  permission = "default";
  localStorage.clear();
});
afterEach(async () => {
  await app.close();
  Reflect.deleteProperty(navigator, "serviceWorker");
});

const subscription = {
  endpoint: "https://push.example/a",
  unsubscribe: vi.fn(async () => true),
  toJSON: () => ({ endpoint: "https://push.example/a", keys: {} }),
};
let current: typeof subscription | null;
const registration = {
  pushManager: {
    getSubscription: async () => current,
    subscribe: vi.fn(async (_: object) => subscription),
  },
};

function standIn(): void {
  if (permission === null) return;
  current = null;
  const ask = async () => (permission = permission === "default" ? "granted" : permission);
  vi.stubGlobal("PushManager", class {});
  vi.stubGlobal("Notification", {
    get permission() {
      return permission;
    },
    requestPermission: ask,
  });
  Object.defineProperty(navigator, "serviceWorker", {
    value: {
      register: vi.fn(async () => registration),
      getRegistration: async () => registration,
      ready: Promise.resolve(registration),
      addEventListener: () => {},
      removeEventListener: () => {},
    },
    configurable: true,
  });
}

async function open(answers: Answers = {}): Promise<void> {
  standIn();
  const take = (init: RequestInit) => {
    const body = JSON.parse(String(init.body));
    said.push(body);
    return body;
  };
  await app.open("/settings/notifications", {
    "GET /me": BEN,
    "GET /me/notification-settings": SETTINGS,
    "PATCH /me/notification-settings": (init) =>
      Response.json({ ...SETTINGS, ...take(init), kinds: SETTINGS.kinds }),
    "GET /me/email": { sends: false, address: null, waiting: null },
    "GET /me/sign-ins": {
      sessions: [],
      password: true,
      passkeys: [],
      identities: [],
      providers: [],
      recovery_codes: 0,
    },
    "GET /me/push": () => Response.json({ key: "the-key", items }),
    "POST /me/push": (init) => {
      take(init);
      items = [...items, HERE];
      return Response.json(HERE, { status: 201 });
    },
    "DELETE /me/push/here": () => {
      items = items.filter(({ id }) => id !== "here");
      return new Response(null, { status: 204 });
    },
    ...answers,
  });
  await vi.waitFor(() => app.find("region", "Push"), { timeout: 5_000 });
  await app.settle();
}

const box = (name: string | RegExp) => app.find("input[type=checkbox]", name) as HTMLInputElement;

async function tick(name: string | RegExp): Promise<void> {
  box(name).click();
  await app.settle();
}

describe("the grid", () => {
  it("says one cell at a time, and shows what the server has", async () => {
    await open();
    expect([box("Likes in the app").checked, box("Likes by push").checked]).toEqual([true, false]);
    await tick("Likes by push");
    expect(said).toEqual([{ kinds: { likes: { push: true } } }]);
    expect(box("Likes by push").checked).toBe(false);
  });

  it("leaves what moderators say in the list", async () => {
    await open();
    expect(box("Moderation in the app").disabled).toBe(true);
    expect(box("Moderation by push").disabled).toBe(false);
  });

  it("has no barriers, also while a switch cannot be kept", async () => {
    await open({ "PATCH /me/notification-settings": () => refusal(429, "slow_down") });
    await tick("Likes by push");
    expect(box("Likes by push").checked).toBe(false);
    expect(await app.barriers()).toEqual([]);
  });
});

describe("quiet hours", () => {
  it("begin with a night, in the zone where one is", async () => {
    await open();
    await tick(/^Leave me in peace/);
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(said).toEqual([{ quiet: { from: "22:00", to: "07:00" }, zone }]);
    await tick(/^Leave me in peace/);
    expect(said[1]).toEqual({ quiet: null, zone });
  });

  it("are not kept while they make no sense", async () => {
    await open({
      "GET /me/notification-settings": { ...SETTINGS, quiet: { from: "22:00", to: "07:00" } },
    });
    const to = app.find("textbox", "Until") as HTMLInputElement;
    for (const time of ["22:00", "06:30"]) {
      await app.type("Until", time);
      to.dispatchEvent(new Event("change", { bubbles: true }));
      await app.settle();
    }
    expect(said).toMatchObject([{ quiet: { from: "22:00", to: "06:30" } }]);
  });
});

describe("push", () => {
  it("is switched on here with the server's key, tried, and switched off", async () => {
    await open({ "POST /me/push/test": { sent: 1, failed: 0 } });
    await app.press("Tell me in this browser");
    expect(registration.pushManager.subscribe).toHaveBeenCalledWith({
      userVisibleOnly: true,
      applicationServerKey: "the-key",
    });
    expect(said).toEqual([{ endpoint: "https://push.example/a", keys: {} }]);
    expect(app.text).toContain("This is the one you use now");
    await app.press("Send me a test");
    expect(app.text).toContain("It is on its way.");
    current = subscription;
    await app.press("Stop telling me in Chrome on Linux");
    expect(subscription.unsubscribe).toHaveBeenCalled();
    expect(app.find("button", "Tell me in this browser")).toBeTruthy();
  });

  it("says what to do when the answer is no, now or before", async () => {
    permission = "denied";
    await open();
    expect(app.text).toContain("Your browser was told not to.");
    expect(app.names("button")).not.toContain("Tell me in this browser");
  });

  it("says so where it cannot be had", async () => {
    permission = null;
    await open();
    expect(app.text).toContain("This browser cannot be told anything while the page is closed.");
  });

  it("says on an iPhone what to do first", async () => {
    permission = null;
    vi.spyOn(navigator, "userAgent", "get").mockReturnValue("Mozilla/5.0 (iPhone; CPU iPhone OS 18_4)");
    await open();
    expect(app.text).toContain("add this page to your home screen first");
  });

  it("says that the browser's own service is away", async () => {
    registration.pushManager.subscribe.mockRejectedValueOnce(new DOMException("no", "AbortError"));
    await open();
    await app.press("Tell me in this browser");
    expect(app.text).toContain("This browser cannot be reached by push at the moment.");
  });

  it("lists the others", async () => {
    items = [PHONE];
    await open();
    expect(app.text).toContain("Safari on iPhone");
    expect(app.find("button", "Tell me in this browser")).toBeTruthy();
    expect(await app.barriers()).toEqual([]);
  });
});

describe("mail", () => {
  const email = (now: object) => ({ sends: true, address: null, waiting: null, ...now });

  it("is not spoken of where there is none", async () => {
    await open();
    expect(app.names("region")).not.toContain("Mail");
    expect(app.text).not.toContain("Likes by mail");
  });

  it("takes an address, and says where the letter went", async () => {
    await open({
      "GET /me/email": email({}),
      "PUT /me/email": (init) => {
        said.push(JSON.parse(String(init.body)));
        return Response.json(email({ waiting: "ben@example.org" }), { status: 202 });
      },
    });
    await app.type("Your address", "ben");
    await app.press("Send the letter");
    expect(app.text).toContain("Write it as name@example.org.");
    await app.type("Your address", " ben@example.org ");
    await app.press("Send the letter");
    expect(said).toEqual([{ address: "ben@example.org" }]);
    expect(app.text).toContain("A letter went to ben@example.org.");
    expect(await app.barriers()).toEqual([]);
  });

  it("has a column once the address counts, and none when it is gone", async () => {
    await open({
      "GET /me/email": email({ address: "ben@example.org" }),
      "DELETE /me/email": () => new Response(null, { status: 204 }),
    });
    await tick("Likes by mail");
    expect(said).toEqual([{ kinds: { likes: { mail: true } } }]);
    await app.press("Take away ben@example.org");
    expect(app.text).not.toContain("Likes by mail");
  });
});

describe("the link of a letter", () => {
  it("shows that an address is one's own when one says so, not by itself", async () => {
    const asked: unknown[] = [];
    await app.open("/confirm-email#secret", {
      "GET /me": () => refusal(401, "not_signed_in"),
      "POST /email-confirmations": (init) => {
        asked.push(JSON.parse(String(init.body)));
        return new Response(null, { status: 204 });
      },
    });
    await vi.waitFor(() => app.find("button", "Yes, it is mine"), { timeout: 5_000 });
    expect(asked).toEqual([]);
    await app.press("Yes, it is mine");
    expect(asked).toEqual([{ token: "secret" }]);
    expect(app.text).toContain("From now on you are written to there.");
  });

  it("says when it is too old", async () => {
    await app.open("/confirm-email#secret", {
      "GET /me": BEN,
      "POST /email-confirmations": () => refusal(404, "link_unknown"),
    });
    await vi.waitFor(() => app.find("button", "Yes, it is mine"), { timeout: 5_000 });
    await app.press("Yes, it is mine");
    expect(app.text).toContain("That did not work");
  });

  it("ends letters of its kind, or all", async () => {
    const ended: string[] = [];
    const note = (about: string) => () => {
      ended.push(about);
      return new Response(null, { status: 204 });
    };
    await app.open("/unsubscribe/key?kind=likes", {
      "GET /me": () => refusal(401, "not_signed_in"),
      "POST /unsubscribe/key?kind=likes": note("likes"),
      "POST /unsubscribe/key": note("all"),
    });
    await vi.waitFor(() => app.find("button", "No more of these"), { timeout: 5_000 });
    expect(ended).toEqual([]);
    expect(app.text).toContain("This letter was about: Likes.");
    expect(await app.barriers()).toEqual([]);
    await app.press("No more of these");
    expect(ended).toHaveLength(1);
    expect(app.text).toContain("You can change your mind whenever you like.");
  });
});

describe("the bell of a host", () => {
  it("is there for whom one follows, and tells what came of it", async () => {
    const relation = {
      follows: true,
      followed_by: false,
      blocks: false,
      mutes: false,
      asked: false,
      bell: false,
    };
    let bell = false;
    await app.open("/people/ama", {
      "GET /me": BEN,
      "GET /people/@ama": () => Response.json(profile("ama", { relation: { ...relation, bell } })),
      "GET /people/ama": () => Response.json(profile("ama", { relation: { ...relation, bell } })),
      "PUT /people/ama/bell": () => {
        bell = true;
        return new Response(null, { status: 204 });
      },
      "GET /spaces": { items: [], next_cursor: null },
      "GET /people/ama/posts": { items: [], next_cursor: null },
    });
    await vi.waitFor(() => app.find("button", "Tell me when Ama is live"), { timeout: 5_000 });
    await app.press("Tell me when Ama is live");
    expect(app.find("button", "Tell me when Ama is live").getAttribute("aria-pressed")).toBe("true");
    expect(app.text).toContain("You are told when Ama is live.");
  });
});

/** The worker by itself: what it listens to, and the world it sees. */
function worker() {
  const heard: Record<string, (event: unknown) => void> = {};
  const page = { focused: false, postMessage: vi.fn(), focus: vi.fn() };
  const kept = new Map<string, Map<string, Response>>([["convivium?old-en", new Map()]]);
  const fetched: string[] = [];
  let isAway = false;
  const fetch = vi.fn(async (asked: string | { url: string }) => {
    fetched.push(typeof asked === "string" ? asked : asked.url);
    if (isAway) throw new TypeError("away");
    return new Response('<script src="/assets/index-1.js"></script><link href="/assets/index-1.css">');
  });
  const caches = {
    open: async (name: string) => {
      const cache = kept.get(name) ?? new Map<string, Response>();
      kept.set(name, cache);
      return {
        put: async (path: string, answer: Response) => void cache.set(path, answer),
        addAll: async (paths: string[]) => {
          for (const path of paths) cache.set(path, await fetch(path));
        },
      };
    },
    keys: async () => [...kept.keys()],
    delete: async (name: string) => kept.delete(name),
    match: async (asked: string | { url: string }, { cacheName }: { cacheName: string }) =>
      kept.get(cacheName)?.get(typeof asked === "string" ? asked : new URL(asked.url).pathname),
  };
  const world = {
    location: { origin: "https://convivium.test", search: "?b1-en" },
    navigator: { setAppBadge: vi.fn(async () => undefined) },
    addEventListener: (kind: string, act: (event: unknown) => void) => (heard[kind] = act),
    skipWaiting: vi.fn(),
    clients: { claim: vi.fn(), matchAll: vi.fn(async () => [page]), openWindow: vi.fn() },
    registration: { showNotification: vi.fn() },
  };
  new Function("self", "caches", "fetch", readFileSync("public/worker.js", "utf-8"))(world, caches, fetch);
  const tell = async (kind: string, event: object) => {
    let waits: Promise<unknown> = Promise.resolve();
    heard[kind]?.({ ...event, waitUntil: (until: Promise<unknown>) => (waits = until) });
    await waits;
  };
  /** What it answers; undefined where it leaves the request to the browser. */
  const ask = async (url: string, how: object = {}, preloadResponse?: Promise<Response>) => {
    let answer: Promise<Response> | undefined;
    const request = {
      url: new URL(url, world.location.origin).href,
      method: "GET",
      mode: "navigate",
      ...how,
    };
    const respondWith = (given: Promise<Response>) => (answer = given);
    heard.fetch?.({ request, respondWith, preloadResponse });
    return answer as Promise<Response> | undefined;
  };
  return {
    world,
    page,
    tell,
    ask,
    kept,
    fetched,
    goAway: () => {
      isAway = true;
    },
  };
}

describe("the worker, while the server is out of reach", () => {
  it("keeps one page with what it names, and nothing that others kept", async () => {
    const { tell, kept, fetched } = worker();
    await tell("install", {});
    await tell("activate", {});

    expect([...kept.keys()]).toEqual(["convivium?b1-en"]);
    expect([...(kept.get("convivium?b1-en")?.keys() ?? [])]).toEqual([
      "/offline",
      "/assets/index-1.js",
      "/assets/index-1.css",
    ]);
    expect(fetched).toEqual(["/offline", "/assets/index-1.js", "/assets/index-1.css"]);
  });

  it("gives that page for every other, and what it names", async () => {
    const { tell, ask, goAway } = worker();
    await tell("install", {});
    goAway();

    expect(await (await ask("/spaces/s1"))?.text()).toContain("/assets/index-1.js");
    expect(await ask("/assets/index-1.js", { mode: "cors" })).toBeDefined();
    await expect(ask("/assets/other-2.js", { mode: "cors" })).rejects.toThrow("away");
  });

  it("gives what the server says as long as it says anything, and keeps none of it", async () => {
    const { tell, ask, kept } = worker();
    await tell("install", {});

    expect((await ask("/messages/c1"))?.status).toBe(200);
    expect(kept.get("convivium?b1-en")?.size).toBe(3);
  });

  it("asks once for a link into the API: what the browser asked for meanwhile is the answer", async () => {
    const { ask, fetched } = worker();
    const there = new Response("there");

    expect(await ask("/api/v1/sign-in/oidc/library", {}, Promise.resolve(there))).toBe(there);
    expect(fetched).toEqual([]);
    expect((await ask("/api/v1/sign-in/oidc/library"))?.status).toBe(200);
  });

  it("has nothing to do with the API, with what is sent, and with other places", async () => {
    const { tell, ask, goAway } = worker();
    await tell("install", {});
    goAway();

    expect(await ask("/api/v1/me", { mode: "cors" })).toBeUndefined();
    await expect(ask("/api/v1/me/export"), "as without a worker").rejects.toThrow("away");
    expect(await ask("/share", { method: "POST" })).toBeUndefined();
    expect(await ask("https://elsewhere.example/assets/index-1.js")).toBeUndefined();
  });
});

describe("the worker", () => {
  const message = {
    web_push: 8030,
    notification: {
      title: "Ama is live",
      body: "Bread",
      navigate: "https://convivium.test/spaces/s1?x",
      tag: "7",
      app_badge: "3",
    },
  };

  it("shows what is told, with the number of what is new", async () => {
    const { world, tell } = worker();
    await tell("push", { data: { json: () => message } });
    expect(world.registration.showNotification).toHaveBeenCalledWith("Ama is live", {
      body: "Bread",
      tag: "7",
      icon: "/favicon.svg",
      data: "/spaces/s1?x",
    });
    expect(world.navigator.setAppBadge).toHaveBeenCalledWith(3);
  });

  it("leads nowhere else, whatever the address says", async () => {
    const { world, tell } = worker();
    const navigate = "https://evil.example/steal";
    const elsewhere = { notification: { ...message.notification, navigate } };
    await tell("push", { data: { json: () => elsewhere } });
    expect(world.registration.showNotification.mock.calls[0]?.[1].data).toBe("/steal");
  });

  it("leads an open page there, or opens one", async () => {
    const { world, page, tell } = worker();
    const pressed = { notification: { close: vi.fn(), data: "/spaces/s1" } };
    await tell("notificationclick", pressed);
    expect(page.postMessage).toHaveBeenCalledWith({ go: "/spaces/s1" });
    expect(page.focus).toHaveBeenCalled();
    expect(world.clients.openWindow).not.toHaveBeenCalled();
    world.clients.matchAll.mockResolvedValueOnce([]);
    await tell("notificationclick", pressed);
    expect(world.clients.openWindow).toHaveBeenCalledWith("/spaces/s1");
  });
});
