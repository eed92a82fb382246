/** Posts as people find them: the timeline, the composer, a thread, a profile, a hashtag. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { card, person, post, profile, timelineItem, you } from "../src/api/samples";
import type { Me, Post, Profile } from "../src/api/types";
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
const AMA: Profile = profile("ama", {
  relation: { follows: false, followed_by: true, blocks: false, mutes: false, asked: false, bell: false },
  followers: 1,
  follows: 7,
  badge: "verified",
  bio: "I record rivers at night.",
  links: ["https://example.org/rivers"],
  topics: ["Rivers"],
});
/** The same, once Ben follows her. */
const FOLLOWED: Profile = {
  ...AMA,
  relation: { follows: true, followed_by: true, blocks: false, mutes: false, asked: false, bell: false },
  followers: 2,
};
const signedIn: Answers = { "GET /me": BEN };
const guest: Answers = { "GET /me": () => refusal(401, "not_signed_in") };
const quiet: Answers = { "GET /spaces": { items: [], next_cursor: null } };
const none = { items: [], next_cursor: null };

let app: App;

beforeEach(() => {
  app = new App();
  localStorage.clear();
});
afterEach(async () => {
  await app.close();
});

/** Home as Ben sees it, once the part that comes later is there. */
async function openHome(answers: Answers, width?: number): Promise<void> {
  await app.open("/", { ...signedIn, ...quiet, ...answers }, width);
  await vi.waitFor(() => app.find("[role=tablist]", "What you see"), { timeout: 5_000 });
  await app.settle();
}

const timeline = (...posts: Post[]): Answers => ({
  "GET /timeline": {
    items: posts.map((post, at) => timelineItem(posts.length - at, { post })),
    next_cursor: null,
  },
});

const button = (name: string) => app.find("button", name);
const wrote = (fetched: RequestInit) => JSON.parse(String(fetched.body));

describe("the timeline", () => {
  it("shows what those write whom one follows, as a feed that ends", async () => {
    await openHome(timeline(post("p2"), post("p1", { text: "Bread at eight" })));

    const articles = app.all("article");
    expect(articles.map((article) => article.getAttribute("aria-posinset"))).toEqual(["1", "2"]);
    expect(articles[1]?.getAttribute("aria-setsize")).toBe("2");
    expect(articles[1]?.textContent).toContain("Bread at eight");
    expect(app.text).toContain("You are up to date.");
    expect(app.find("link", "Ama").getAttribute("href")).toBe("/people/ama");
  });

  it("has one's own face first, which opens a space", async () => {
    await openHome(timeline(post("p1")));

    expect(app.find("link", "Open a space").getAttribute("href")).toBe("/?new");
  });

  it("asks for older posts when they are wanted, and keeps both", async () => {
    const pages = [
      { items: [timelineItem(9)], next_cursor: "9" },
      { items: [timelineItem(8)], next_cursor: null },
    ];
    await openHome({ "GET /timeline": () => Response.json(pages.shift() ?? none) });
    await app.press("Show older posts");

    expect(app.all("article")).toHaveLength(2);
    expect(app.text).toContain("You are up to date.");
  });

  it("offers who is there tonight to whoever follows nobody", async () => {
    await openHome({
      "GET /timeline": none,
      "GET /spaces": { items: [card()], next_cursor: null },
      "GET /people": { items: [AMA] },
      "GET /people/ama": FOLLOWED,
    });

    expect(app.find("heading", "It is quiet here")).toBeTruthy();
    expect(app.find("link", "Kitchen table").getAttribute("href")).toBe("/spaces/kitchen");
    await app.press("Follow Ama");
    expect(button("Following Ama")).toBeTruthy();
  });

  it("says that it did not come, and asks again", async () => {
    let tries = 0;
    const failing = () =>
      ++tries === 1 ? Promise.reject(new TypeError()) : Response.json({ items: [timelineItem(1)] });
    await openHome({ "GET /timeline": failing });
    expect(app.text).toContain("The server does not answer.");
    await app.press("Try again");

    expect(app.all("article")).toHaveLength(1);
  });

  it("shows what is new when it is asked for, and never before", async () => {
    let stream: ReadableStreamDefaultController<Uint8Array> | undefined;
    const events = () =>
      new Response(
        new ReadableStream<Uint8Array>({
          start: (controller) => {
            stream = controller;
          },
        }),
      );
    const pages = [[timelineItem(1)], [timelineItem(2), timelineItem(1)]];
    await openHome({
      "GET /me/events": events,
      "GET /timeline": () => Response.json({ items: pages.shift(), next_cursor: null }),
    });
    const tell = async (type: string, data: object) => {
      stream?.enqueue(new TextEncoder().encode(`data: ${JSON.stringify({ id: "e-1", type, data })}\n\n`));
      await app.settle();
    };
    await tell("snapshot", {
      unread: 0,
      notifications: [],
      messages: { unread: 0, asked: 0 },
      asking: [],
      moderation: null,
    });
    await tell("timeline_grew", { person: person("ben") });
    expect(app.names("button")).not.toContain("1 new post");
    await tell("timeline_grew", { person: person("ama") });
    expect(app.all("article")).toHaveLength(1);
    await app.press("1 new post");

    expect(app.all("article")).toHaveLength(2);
    expect(app.names("button")).not.toContain("1 new post");
  });

  it("goes from post to post by J and K, and into one by Enter", async () => {
    await openHome({ ...timeline(post("p2"), post("p1")), "GET /posts/p1": post("p1") });
    const [first, second] = app.all("article");
    const key = (on: HTMLElement | undefined, key: string) =>
      on?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    first?.focus();
    key(first, "j");
    expect(document.activeElement).toBe(second);
    key(second, "k");
    expect(document.activeElement).toBe(first);
    key(first, "j");
    key(second, "Enter");

    expect(location.pathname).toBe("/posts/p1");
  });

  it("leaves guests the calm page of what is live", async () => {
    await app.open("/", { ...guest, "GET /spaces": { items: [card()], next_cursor: null } });

    expect(app.find("link", "Kitchen table")).toBeTruthy();
    expect(app.all("[role=tablist]")).toHaveLength(0);
    expect(app.asked).not.toContain("GET /timeline");
  });
});

describe("a post", () => {
  it("is liked by one press, and says so", async () => {
    const counts = { likes: 1_200, reposts: 0, replies: 0, quotes: 0 };
    await openHome(timeline(post("p1", { counts })));
    const like = button("Like");
    const words = () => document.getElementById(like.getAttribute("aria-describedby") ?? "")?.textContent;
    expect([like.parentElement?.querySelector(".count")?.textContent, words()]).toEqual([
      "1.2k",
      "1,200 likes",
    ]);
    await app.press("Like");

    expect(button("Like").getAttribute("aria-pressed")).toBe("true");
    expect(words()).toBe("1,201 likes");
    expect(app.asked).toContain("PUT /posts/p1/like");
  });

  it("shows its words as words, whatever they are", async () => {
    const text = '<img src=x onerror="window.hit = 1"> <b>bold</b> &amp; javascript:alert(1)';
    await openHome(timeline(post("p1", { text })));

    expect(app.all("article")[0]?.textContent).toContain(text);
    expect(document.querySelector("article img, article b")).toBeNull();
  });

  it("shows what it quotes, and that what it quoted is gone", async () => {
    const quote = { ...post("q1", { text: "Salt it on Sunday", author: person("chidi") }) };
    const gone = { ...post("", { gone: true, author: null, text: "", at: "" }) };
    await openHome(timeline(post("p2", { quote }), post("p1", { quote: gone })));

    expect(app.text).toContain("Salt it on Sunday");
    expect(app.text).toContain("This post is gone.");
  });

  it("shows a space as it is: live, coming with its bell, and over", async () => {
    const coming = card({ id: "k2", state: "scheduled", title: "Bread", starts_at: "2030-03-01T20:00:00Z" });
    const over = card({ id: "k3", state: "ended", title: "Soup", ended_at: "2026-03-01T21:00:00Z" });
    await openHome(
      timeline(post("p3", { space: card() }), post("p2", { space: coming }), post("p1", { space: over })),
    );

    expect(app.find("link", "Kitchen table").getAttribute("href")).toBe("/spaces/kitchen");
    expect(app.find("button", "Remind me: Bread")).toBeTruthy();
    expect(app.text).toContain("has ended");
  });

  it("of one's own is deleted after one more question, and keeps its place", async () => {
    await openHome(timeline(post("p1", { author: person("ben"), at: new Date().toISOString() })));
    await app.press("More");
    await vi.waitFor(() => app.find("[role=menuitem]", "Delete"));
    expect(app.names("[role=menuitem]")).toEqual(["Edit", "Quote", "Copy link", "Delete"]);
    app.find("[role=menuitem]", "Delete").click();
    await app.settle();
    expect(app.asked).not.toContain("DELETE /posts/p1");
    const sure = app.find("dialog", "Delete this post?").querySelectorAll<HTMLElement>("button");
    [...sure].find(({ textContent }) => textContent?.trim() === "Delete")?.click();
    await app.settle();

    expect(app.asked).toContain("DELETE /posts/p1");
    expect(app.all("article")[0]?.textContent).toContain("This post is gone.");
  });

  it("of somebody else can be reported, and its author muted or blocked", async () => {
    let sent: object = {};
    await openHome({
      ...timeline(post("p1")),
      "POST /reports": (fetched) => {
        sent = wrote(fetched);
        return new Response(null, { status: 204 });
      },
    });
    await app.press("More");
    await vi.waitFor(() => app.find("[role=menuitem]", "Report"));
    expect(app.names("[role=menuitem]")).toEqual(["Quote", "Copy link", "Mute @ama", "Block @ama", "Report"]);
    app.find("[role=menuitem]", "Report").click();
    await app.settle();

    await vi.waitFor(() => app.find("heading", "Report a post by Ama"));
    (app.find("radio", /^Spam/) as HTMLInputElement).click();
    await app.press("Send the report");
    expect(sent).toEqual({ post: "p1", reason: "spam" });
  });

  it("asks a guest to sign in first, and brings them back", async () => {
    await app.open("/posts/p1", {
      ...guest,
      "GET /posts/p1": post("p1", { mine: null }),
      "GET /posts/p1/thread": { above: [], ...none },
    });
    await vi.waitFor(() => app.find("button", "Like"), { timeout: 5_000 });
    await app.press("Like");

    expect(location.pathname + location.search).toBe("/sign-in?next=%2Fposts%2Fp1");
  });
});

describe("writing", () => {
  /** The composer that stands on a desktop's home. */
  const openComposer = (answers: Answers = {}) => openHome({ ...timeline(post("p1")), ...answers });
  const write = (text: string) => app.type("What do you want to say?", text);

  it("posts once, under one key, and shows it", async () => {
    const keys: (string | null)[] = [];
    await openComposer({
      "POST /posts": (fetched) => {
        keys.push(new Headers(fetched.headers).get("idempotency-key"));
        return Response.json(post("p9", { text: wrote(fetched).text, author: person("ben") }));
      },
    });
    await write("Soup tonight");
    button("Post").click();
    button("Post").click();
    await app.settle();

    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatch(/./);
    expect(app.asked.filter((asked) => asked === "GET /timeline")).toHaveLength(2);
    expect((app.find("textbox", "What do you want to say?") as HTMLTextAreaElement).value).toBe("");
  });

  it("counts as people count, and sends nothing empty or too long", async () => {
    await openComposer();
    const isOff = () => (button("Post") as HTMLButtonElement).disabled;
    expect(isOff()).toBe(true);
    await write("👩‍👩‍👧‍👦".repeat(280));
    expect([isOff(), app.text.includes("0 left")]).toEqual([false, true]);
    await write("👩‍👩‍👧‍👦".repeat(281));

    expect([isOff(), app.text.includes("1 too many")]).toEqual([true, true]);
  });

  it("keeps the words when the server says no, and when the page goes", async () => {
    await openComposer({ "POST /posts": () => refusal(429, "slow_down", "That was a little fast.") });
    await write("Soup tonight");
    await app.press("Post");
    expect(app.find("alert", /a little fast/)).toBeTruthy();
    await app.close();
    app = new App();
    await openComposer();

    expect((app.find("textbox", "What do you want to say?") as HTMLTextAreaElement).value).toBe(
      "Soup tonight",
    );
  });

  it("is sent by Ctrl and Enter", async () => {
    await openComposer({ "POST /posts": post("p9") });
    await write("Soup tonight");
    const field = app.find("textbox", "What do you want to say?");
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, bubbles: true }));
    await app.settle();

    expect(app.asked).toContain("POST /posts");
  });

  it("completes the name of somebody one has met", async () => {
    await openComposer();
    const field = app.find("textbox", "What do you want to say?") as HTMLTextAreaElement;
    field.value = "Ask @am";
    field.setSelectionRange(7, 7);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await app.settle();
    expect(app.names("[role=option]")).toEqual(["Ama @ama"]);
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    await app.settle();

    expect(field.value).toBe("Ask @ama ");
    expect(app.all("[role=option]")).toHaveLength(0);
  });

  it("shows the space that a link leads to, unless one does not want it", async () => {
    let sent: object = {};
    await openComposer({
      "GET /spaces/kitchen": card({ you: you() }),
      "POST /posts": (fetched) => {
        sent = wrote(fetched);
        return Response.json(post("p9"));
      },
    });
    const link = `${location.origin}/spaces/kitchen`;
    await write(`Come! ${link}`);
    await vi.waitFor(() => app.find("button", "Without the card"));
    await app.press("Post");

    expect(sent).toEqual({ text: `Come! ${link}`, space: "kitchen" });
  });

  it("answers a post from the feed, with what it answers in sight", async () => {
    let sent: object = {};
    await openHome({
      ...timeline(post("p1", { text: "Who salts?" })),
      "POST /posts": (fetched) => {
        sent = wrote(fetched);
        return Response.json(post("p9", { reply_to: { id: "p1", author: person("ama") } }));
      },
    });
    await app.press("Reply");
    await vi.waitFor(() => app.find("textbox", "Your answer"));
    expect(app.find("dialog", "Reply").textContent).toContain("Who salts?");
    await app.type("Your answer", "I do");
    const send = app.all("button").filter(({ textContent }) => textContent?.trim() === "Reply");
    send.at(-1)?.click();
    await app.settle();

    expect(sent).toEqual({ text: "I do", reply_to: "p1" });
    expect(document.querySelector("dialog[open]")).toBeNull();
  });

  it("begins at the + of a phone, beside opening a space", async () => {
    await openHome(timeline(post("p1")), 390);
    await app.press("New post or space");
    await vi.waitFor(() => app.find("button", /^Write a post/));
    expect(button("New post or space").getAttribute("aria-expanded")).toBe("true");
    await app.press(/^Write a post/);

    await vi.waitFor(() => app.find("dialog", "Write a post"));
  });
});

describe("a thread", () => {
  const answers: Answers = {
    ...signedIn,
    "GET /posts/p2": post("p2", { text: "Weigh it", reply_to: { id: "p1", author: person("ama") } }),
    "GET /posts/p2/thread": {
      above: [post("p0", { gone: true, author: null, text: "" }), post("p1", { text: "Why no taste?" })],
      items: [post("p3", { text: "20 g", author: person("chidi") })],
      next_cursor: null,
    },
  };
  const openThread = async (more: Answers = {}) => {
    await app.open("/posts/p2", { ...answers, ...more });
    await vi.waitFor(() => app.find("region", "Replies"), { timeout: 5_000 });
  };

  it("shows what it answers above, the post, and the replies, with places of what is gone", async () => {
    await openThread();

    const words = app.all("article").map((article) => article.textContent ?? "");
    expect(words.map((text) => /This post is gone|Why no taste|Weigh it|20 g/.exec(text)?.[0])).toEqual([
      "This post is gone",
      "Why no taste",
      "Weigh it",
      "20 g",
    ]);
    expect(app.all("article[aria-current=true]")).toHaveLength(1);
  });

  it("is answered at its end, and the answer stands there", async () => {
    const mine = post("p9", { text: "And warm", reply_to: { id: "p2", author: person("ama") } });
    await openThread({ "POST /posts": mine });
    await app.type("Your answer", "And warm");
    const send = app.all("button").filter(({ textContent }) => textContent?.trim() === "Reply");
    send.at(-1)?.click();
    await app.settle();

    expect(app.find("region", "Replies").textContent).toContain("And warm");
  });

  it("names who likes it and who passed it on, with the way to follow them", async () => {
    const relation = {
      follows: false,
      followed_by: true,
      blocks: false,
      mutes: false,
      asked: false,
      bell: false,
    };
    await openThread({
      "GET /posts/p2": post("p2", { counts: { likes: 2, reposts: 0, replies: 1, quotes: 0 } }),
      "GET /posts/p2/likes": { items: [person("chidi"), person("ben")], next_cursor: null },
      "GET /people": { items: [{ ...person("chidi"), relation }] },
    });
    expect(app.find("group", "Who is behind it").textContent?.trim()).toBe("2 likes");
    await app.press("2 likes");
    await vi.waitFor(() => app.find("button", "Follow Chidi"));

    const sheet = app.find("dialog", "Who likes it");
    expect(sheet.textContent).toMatch(/Chidi.*@chidi.*Ben.*@ben/);
    expect(await app.barriers()).toEqual([]);
  });

  it("says why it could not name them, and tries again", async () => {
    let tries = 0;
    await openThread({
      "GET /posts/p2": post("p2", { counts: { likes: 0, reposts: 1, replies: 1, quotes: 0 } }),
      "GET /posts/p2/reposts": () =>
        ++tries === 1 ? refusal(503) : Response.json({ items: [], next_cursor: null }),
    });
    await app.press("1 repost");
    await vi.waitFor(() => app.find("alert", "The server says no."));
    await app.press("Try again");

    await vi.waitFor(() => expect(app.text).toContain("Nobody whom you can see."));
  });

  it("says that a post is not there", async () => {
    await app.open("/posts/nope", {
      ...signedIn,
      "GET /posts/nope": () => refusal(404, "post_not_found"),
      "GET /posts/nope/thread": () => refusal(404, "post_not_found"),
    });

    await vi.waitFor(() => app.find("heading", "This post is not there"), { timeout: 5_000 });
  });
});

describe("pictures", () => {
  const pictures = [
    { id: "a", width: 800, height: 600, description: "A loaf of bread" },
    { id: "b", width: 300, height: 900, description: "" },
  ];
  const shown: Answers = {
    ...signedIn,
    ...quiet,
    "GET /posts/p1": post("p1", { pictures }),
    "GET /posts/p1/thread": { above: [], items: [], next_cursor: null },
  };

  it("stand in a post with what they show, and one opens large", async () => {
    HTMLDialogElement.prototype.showModal ??= () => {};
    await app.open("/posts/p1", shown);
    await vi.waitFor(() => button("Picture 1 of 2: A loaf of bread"), { timeout: 5_000 });
    expect(document.querySelector(".pictures")?.getAttribute("style")).toContain("aspect-ratio");
    expect(await app.barriers()).toEqual([]);
    await app.press("Picture 2 of 2");
    await vi.waitFor(() => button("Next picture"), { timeout: 5_000 });
    expect(app.text).toContain("Nobody described this picture.");
    await app.press("Next picture");

    expect(document.querySelector("dialog[open] img")?.getAttribute("alt")).toBe("A loaf of bread");
  });
});

describe("a profile", () => {
  const answers: Answers = {
    ...signedIn,
    ...quiet,
    "GET /people/@ama": AMA,
    "GET /people/@ama/posts": { items: [post("p1", { text: "Bread at eight" })], next_cursor: null },
  };
  const openProfile = async (address = "/people/ama", more: Answers = {}) => {
    await app.open(address, { ...answers, ...more });
    await vi.waitFor(() => app.find("heading", "Ama"), { timeout: 5_000 });
    await app.settle();
  };

  it("says who it is, and follows them by one press", async () => {
    await openProfile("/people/ama", { "GET /people/ama": FOLLOWED });
    expect(app.text).toContain("@ama · follows you");
    expect(app.text).toContain("1 follower");
    await app.press("Follow Ama");

    expect(app.asked).toContain("PUT /people/ama/follow");
    expect(button("Following Ama")).toBeTruthy();
    expect(app.text).toContain("2 followers");
  });

  it("shows what they say of themselves, and where their links lead", async () => {
    await openProfile("/people/ama?tab=about");

    expect(app.text).toContain("I record rivers at night.");
    expect(app.text).toContain("Here since January 2026");
    expect(app.text).toContain("Topics Rivers");
    const link = app.find("link", "example.org/rivers");
    expect(link.getAttribute("rel")?.split(" ")).toEqual(["nofollow", "ugc", "noopener", "noreferrer"]);
    expect(app.find("link", "Message Ama").getAttribute("href")).toBe("/messages/@ama");
    expect(document.querySelector("h1 [aria-label=Verified]")).toBeTruthy();
  });

  it("has the posts at an address of their own", async () => {
    await openProfile();
    app.find("[role=tab]", "Posts").click();
    await app.settle();
    expect(location.search).toBe("?tab=posts");

    expect(app.text).toContain("Bread at eight");
  });

  it("shows the spaces: live, next, and earlier", async () => {
    await openProfile("/people/ama", { "GET /spaces": { items: [card()], next_cursor: null } });

    expect(app.find("list", "Live now").textContent).toContain("Kitchen table");
    expect(app.text).toContain("Live");
  });

  it("says that nobody has this name", async () => {
    await app.open("/people/nobody", { ...signedIn, "GET /people/@nobody": () => refusal(404, "unknown") });

    await vi.waitFor(() => app.find("heading", "Nobody here has this name"), { timeout: 5_000 });
  });
});

describe("a hashtag", () => {
  it("lists what has it", async () => {
    await app.open("/explore?tag=bread", {
      ...signedIn,
      "GET /posts": { items: [post("p1", { text: "On #bread" })], next_cursor: null },
    });
    await vi.waitFor(() => app.find("heading", "#bread"), { timeout: 5_000 });
    await app.settle();

    expect(app.find("link", "#bread").getAttribute("href")).toBe("/explore?tag=bread");
  });
});

describe("for everybody", () => {
  it.each([
    ["the timeline", () => openHome(timeline(post("p2", { space: card() }), post("p1")))],
    ["the timeline of who follows nobody", () => openHome({ "GET /timeline": none })],
  ])("axe finds nothing on %s", async (_, open) => {
    await open();

    expect(await app.barriers()).toEqual([]);
  });

  it("axe finds nothing on a profile and a thread", async () => {
    await app.open("/people/ama", {
      ...signedIn,
      ...quiet,
      "GET /people/@ama": AMA,
      "GET /posts/p1": post("p1"),
      "GET /posts/p1/thread": { above: [], items: [post("p2")], next_cursor: null },
    });
    await vi.waitFor(() => app.find("heading", "Ama"), { timeout: 5_000 });
    expect(await app.barriers()).toEqual([]);
    const { go } = await import("../src/navigation.svelte");
    go("/posts/p1");
    await app.settle();
    await vi.waitFor(() => app.find("region", "Replies"), { timeout: 5_000 });

    expect(await app.barriers()).toEqual([]);
  });
});
