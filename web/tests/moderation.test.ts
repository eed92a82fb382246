/** Reports, what moderators make of them, and what the others are told, each screen as people find it. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  card,
  caseOf,
  entry,
  event,
  notification,
  person,
  record,
  report,
  seat,
  snapshot,
  you,
} from "../src/api/samples";
import type { Me, MyEvent, Snapshot } from "../src/api/types";
import { NOTHING } from "../src/live/mailbox";
import { newestPeer } from "../src/media/fake-peer";
import { dayAfter } from "../src/ui/when";
import { type Answers, App, answered, refusal } from "./page";

const ACCOUNT = { kind: "account", listed: true, protected: false } as const;
const CHIDI: Me = { ...ACCOUNT, id: "chidi", name: "chidi", display_name: "Chidi", role: "member" };
const MO: Me = { ...ACCOUNT, id: "mo", name: "mo", display_name: "Mo", role: "moderator" };
const KITCHEN = "/spaces/kitchen";
const PHONE = 390;
/** What is loaded for whoever needs it comes a moment later. */
const SOON = { timeout: 5_000 };

const LIVE = {
  id: "kitchen",
  title: "Kitchen table",
  description: "Bread.",
  state: "live",
  host: person("ama"),
} as const;
const first = caseOf("c1", {
  count: 2,
  reports: [
    report("r1"),
    report("r2", { by: person("g", { name: null, display_name: "Guest" }), words: "" }),
  ],
});
const second = caseOf("c2", {
  person: null,
  space: LIVE,
  urgent: true,
  reports: [report("r3", { reason: "danger" })],
});

/** What the server says to moderators waits for them. */
const waits = (open_cases: number, urgent = 0, minute = 0) => ({
  moderation: { open_cases, urgent, last_at: new Date(Date.UTC(2026, 2, 1, 20, minute)).toISOString() },
});

const suspension = {
  until: "2099-03-08T20:00:00Z",
  words: "You went on after two warnings.",
  at: "2026-03-01T21:00:00Z",
  by: person("mo"),
  appeal: { words: "It was my brother.", at: "2026-03-01T22:00:00Z" },
};

const asMo: Answers = {
  "GET /me": MO,
  "GET /moderation/cases": { cases: [second, first], next: null },
  "GET /moderation/cases/c1": first,
  "GET /moderation/cases/c2": second,
  "GET /moderation/people/ben": record("ben"),
};

let app: App;

beforeEach(() => {
  app = new App();
});

afterEach(async () => {
  await app.close();
});

const found = <T>(look: () => T) => vi.waitFor(look, SOON);

/** What a request said, as the server reads it. */
function sentTo(answers: Answers, asked: string, status = 204): { body: () => unknown; answers: Answers } {
  let body: unknown = null;
  const take = (init: RequestInit) => {
    body = init.body ? JSON.parse(String(init.body)) : null;
    return new Response(status === 204 ? null : "{}", { status });
  };
  return { body: () => body, answers: { ...answers, [asked]: take } };
}

/** What the one who looks is told, given by hand. */
function myStream() {
  let stream: ReadableStreamDefaultController<Uint8Array> | undefined;
  vi.stubGlobal("BroadcastChannel", undefined);
  Reflect.deleteProperty(globalThis, "BroadcastChannel");
  const tell = (told: Omit<MyEvent, "id">, number: number) =>
    stream?.enqueue(new TextEncoder().encode(`data: ${JSON.stringify({ id: `e-${number}`, ...told })}\n\n`));
  const opened = () =>
    new Response(
      new ReadableStream<Uint8Array>({
        start: (controller) => {
          stream = controller;
        },
      }),
    );
  return { tell, opened };
}

async function goInside(view: Snapshot, answers: Answers): Promise<void> {
  const { stage, counts } = view;
  const door = {
    [`GET ${KITCHEN}`]: card({ stage, counts, you: view.you }),
    [`POST ${KITCHEN}/call`]: answered,
  };
  await app.open(KITCHEN, { ...door, ...answers });
  await app.press("Start listening");
  newestPeer().ice("connected");
  newestPeer().message(JSON.stringify(event(1, "snapshot", view)));
  await app.settle();
}

describe("a report", () => {
  const relation = {
    follows: false,
    followed_by: false,
    blocks: false,
    mutes: false,
    asked: false,
    bell: false,
  };
  const BEN = { ...person("ben"), relation, followers: 3, follows: 1 };
  const meeting: Answers = {
    "GET /me": CHIDI,
    "GET /people/ben": BEN,
    "GET /people": { items: [{ ...person("ben"), relation }] },
  };
  const view = (change: Partial<Snapshot> = {}) =>
    snapshot({ stage: [seat("ben")], you: you({ person: person("chidi") }), ...change });

  async function openReport(answers: Answers, inside = view()): Promise<void> {
    await goInside(inside, answers);
    await app.press(/^Ben/);
    await found(() => app.find("button", "Report"));
    await app.press("Report");
    await found(() => app.find("dialog", "Report Ben"));
  }

  it("says why, in one's own words, about whom and where", async () => {
    const { body, answers } = sentTo(meeting, "POST /reports", 201);
    await openReport(answers);
    await app.press("Send the report");
    expect(app.find("alert", "Choose what it is about.")).toBeTruthy();
    expect(app.asked).not.toContain("POST /reports");
    app.find("radio", /Harassment or hate/).click();
    await app.type("What happened? (optional)", "  He goes on.  ");
    await app.press("Send the report");

    expect(body()).toEqual({ space: "kitchen", user: "ben", reason: "harassment", words: "He goes on." });
    expect(app.find("status", /The moderators have it/).textContent).toContain(
      "Ben is not told who reported.",
    );
    expect(app.asked).not.toContain("PUT /people/ben/block");
    await app.press("Done");
    expect(app.all("dialog")).toEqual([]);
  });

  it("blocks too, if one says so", async () => {
    await openReport(sentTo(meeting, "POST /reports", 201).answers);
    app.find("radio", /Spam or scam/).click();
    (app.find("dialog", "Report Ben").querySelector("[role=switch]") as HTMLInputElement).click();
    await app.press("Send the report");

    await found(() => expect(app.asked).toContain("PUT /people/ben/block"));
    await found(() => expect(app.text).toContain("Ben is blocked."));
  });

  it("stays written when it could not be sent", async () => {
    let tries = 0;
    const failing = () =>
      ++tries === 1 ? refusal(429, "slow_down", "Wait a moment.") : Response.json({ id: "r" });
    await openReport({ ...meeting, "POST /reports": failing });
    app.find("radio", /in danger/).click();
    await app.type("What happened? (optional)", "Please look");
    await app.press("Send the report");
    expect(app.find("alert", "Wait a moment.")).toBeTruthy();
    await app.press("Send the report");

    expect(app.text).toContain("The moderators have it.");
  });

  it("stays when the person leaves while a host writes it", async () => {
    const host = { role: "host", person: person("chidi") } as const;
    const at = (people: Snapshot["people"]) =>
      view({ you: you(host), queue: [], people, stage: [seat("ben")] });
    await goInside(at([]), meeting);
    await found(() => app.find("button", "End space"));
    await app.press(/^Ben/);
    await found(() => app.find("button", "Report"));
    await app.press("Report");
    await found(() => app.find("dialog", "Report Ben"));
    await app.type("What happened? (optional)", "He goes on.");
    newestPeer().message(JSON.stringify(event(2, "snapshot", { ...at([]), stage: [] })));
    await app.settle();

    const field = app.find("textbox", "What happened? (optional)") as HTMLInputElement;
    const kept = () => [field.isConnected && field.value, field.closest("dialog")?.open];
    expect(kept()).toEqual(["He goes on.", true]);
    expect(app.names("dialog"), "with the sheet that it came from").toEqual(["Ben", "Report Ben"]);
    newestPeer().message(JSON.stringify(event(3, "goodbye", { reason: "ended", reconnect: false })));
    await app.settle();
    await found(() => expect(app.text).toContain("This space has ended"));
    expect(kept(), "and when the space ends").toEqual(["He goes on.", true]);
  });

  it("about the space stays written when that ends, and can still be sent", async () => {
    const { body, answers } = sentTo(meeting, "POST /reports", 201);
    await goInside(view(), answers);
    await found(() => app.find("button", "More about this space"));
    (document.querySelector("[role=menuitem].danger") as HTMLElement).click();
    await found(() => app.find("dialog", "Report this space"));
    await app.type("What happened? (optional)", "They sell things.");
    newestPeer().message(JSON.stringify(event(2, "goodbye", { reason: "ended", reconnect: false })));
    await app.settle();
    await found(() => expect(app.text).toContain("This space has ended"));
    expect(app.names("dialog")).toEqual(["Report this space"]);
    app.find("radio", /Spam/).click();
    await app.settle();
    await app.press("Send the report");

    expect(body()).toEqual({ space: "kitchen", reason: "spam", words: "They sell things." });
    await app.press("Done");
    expect(app.all("dialog")).toEqual([]);
  });

  it("can come from a guest, who has nobody to block for", async () => {
    const guest = { "GET /me": () => refusal(401, "not_signed_in"), "GET /people/ben": BEN };
    await openReport(guest, view({ you: you({ kind: "guest", person: null }) }));

    expect(app.find("dialog", "Report Ben").querySelector("[role=switch]")).toBeNull();
    expect(await app.barriers()).toEqual([]);
  });

  it("can be about the space as such, from its menu and after its end", async () => {
    const { body, answers } = sentTo(meeting, "POST /reports", 201);
    await goInside(view(), answers);
    await found(() => app.find("button", "More about this space"));
    (document.querySelector("[role=menuitem].danger") as HTMLElement).click();
    await found(() => app.find("dialog", "Report this space"));
    app.find("radio", /Pretending/).click();
    await app.settle();
    await app.press("Send the report");
    expect(body()).toEqual({ space: "kitchen", reason: "impersonation" });
    expect(app.text).toContain("The host is not told who reported.");
    await app.close();

    await app.open(KITCHEN, { ...meeting, [`GET ${KITCHEN}`]: card({ state: "ended" }) });
    await found(() => app.find("button", "Report this space"));
    await app.press("Report this space");
    await found(() => app.find("dialog", "Report this space"));
  });
});

describe("the queue of cases", () => {
  it("stands beside the case that is looked at", async () => {
    await app.open("/moderation", asMo);
    const list = await found(() => app.find("region", "Open cases"));
    await found(() => app.find("region", "Case: Kitchen table"));

    expect(list.textContent).toContain("Somebody is in danger");
    expect(list.textContent).toContain("2 reports");
    await app.press(/^Ben/, "link");
    expect(location.pathname).toBe("/moderation/cases/c1");
    const shown = await found(() => app.find("region", "Case: Ben"));
    await found(() => expect(shown.textContent).toContain("removed once by a host"));
    expect(shown.textContent).toContain("46:31 into Kitchen table, as speaker");
    expect(shown.textContent).toContain("Nobody came here to listen to her.");
    expect(shown.textContent).toMatch(/Chidi\s+writes\s+“Kept going after Ama asked him to stop.”/);
    expect(shown.textContent).toMatch(/Guest \(guest\)\s+added no words/);
    expect(document.activeElement).toBe(shown);
    expect(await app.barriers()).toEqual([]);
  });

  it("fills a phone, and so does the case", async () => {
    await app.open("/moderation", asMo, PHONE);
    await found(() => app.find("region", "Open cases"));
    expect(app.names("region")).not.toContain("Case: Kitchen table");
    expect(await app.barriers()).toEqual([]);
    await app.press(/^Ben/, "link");
    await found(() => app.find("region", "Case: Ben"));
    expect(app.names("region")).not.toContain("Open cases");
    expect(await app.barriers()).toEqual([]);
    await app.press("All cases", "link");

    expect(app.find("region", "Open cases")).toBeTruthy();
  });

  it("says so when nobody waits", async () => {
    await app.open("/moderation", { ...asMo, "GET /moderation/cases": { cases: [], next: null } });
    await found(() => app.find("heading", "All is well"));
  });

  it("says that the server does not answer, and tries again", async () => {
    let tries = 0;
    const failing = () =>
      ++tries === 1 ? Promise.reject(new TypeError()) : Response.json({ cases: [first], next: null });
    await app.open("/moderation", { ...asMo, "GET /moderation/cases": failing });
    await found(() => app.find("button", "Try again"));
    await app.press("Try again");

    await found(() => app.find("region", "Case: Ben"));
  });

  it("is for moderators, and the log for administrators", async () => {
    await app.open("/moderation", { ...asMo, "GET /me": CHIDI });
    await found(() => app.find("heading", "For moderators only"));
    expect(app.names("link").filter((name) => name.startsWith("Reports"))).toEqual([]);
    expect(app.asked).not.toContain("GET /moderation/cases");
    await app.close();
    await app.open("/moderation/log", asMo);
    await found(() => app.find("heading", "Nothing is laid here"));
    expect(app.asked).not.toContain("GET /moderation/log");
  });

  it("counts in the rail, live, and grows by itself", async () => {
    const { tell, opened } = myStream();
    let cases = [first];
    const list = () => Response.json({ cases, next: null });
    await app.open("/moderation", { ...asMo, "GET /me/events": opened, "GET /moderation/cases": list });
    tell({ type: "snapshot", data: { ...NOTHING, ...waits(1) } }, 1);
    await found(() => app.find("link", "Reports 1"));
    cases = [second, first];
    tell({ type: "moderation_changed", data: waits(2, 1) }, 2);

    await found(() => app.find("link", "Reports 2"));
    await found(() => expect(app.find("region", "Open cases").textContent).toContain("Kitchen table"));
  });

  it("shows another report about a case that is open already, in the list and in the case", async () => {
    const { tell, opened } = myStream();
    let now = caseOf("c1");
    const answers = {
      "GET /me/events": opened,
      "GET /moderation/cases": () => Response.json({ cases: [now], next: null }),
      "GET /moderation/cases/c1": () => Response.json(now),
    };
    await app.open("/moderation", { ...asMo, ...answers });
    tell({ type: "snapshot", data: { ...NOTHING, ...waits(1) } }, 1);
    await found(() => app.find("region", "Case: Ben"));
    now = caseOf("c1", { count: 2, reports: [report("r2", { words: "He did it again." }), report("r1")] });
    tell({ type: "moderation_changed", data: waits(1, 0, 5) }, 2);

    await found(() => expect(app.find("region", "Open cases").textContent).toContain("2 reports"));
    await found(() => expect(app.find("region", "Case: Ben").textContent).toContain("He did it again."));
  });
});

describe("what a moderator does", () => {
  async function openCase(id: string, answers: Answers, name: string): Promise<void> {
    await app.open(`/moderation/cases/${id}`, answers);
    await found(() => app.find("region", `Case: ${name}`));
  }
  const last = (name: string) => {
    const button = app
      .all("button")
      .filter((one) => one.textContent?.trim() === name)
      .at(-1);
    if (!button) throw new Error(`No button ${name}`);
    button.click();
    return app.settle();
  };

  it("warns in words, which settles the case", async () => {
    const { body, answers } = sentTo(asMo, "POST /moderation/people/ben/warnings");
    await openCase("c1", answers, "Ben");
    await app.press("Warn");
    expect(app.find("dialog", "Warn Ben")).toBeTruthy();
    await last("Warn");
    expect(app.text).toContain("Say it in a sentence or two.");
    await app.type("What you tell them", "Let others finish.");
    expect(await app.barriers()).toEqual([]);
    await last("Warn");

    expect(body()).toEqual({ words: "Let others finish.", case: "c1" });
    expect(app.all("dialog")).toEqual([]);
    expect(app.text).toContain("Warned.");
  });

  it("suspends for so many days, for good, or until a day", async () => {
    const { body, answers } = sentTo(asMo, "PUT /moderation/people/ben/suspension");
    await openCase("c1", answers, "Ben");
    await app.press("Suspend");
    await app.type("Why, as they will read it", "Enough.");
    app.find("radio", "For good").click();
    await app.settle();
    expect(await app.barriers()).toEqual([]);
    await last("Suspend");
    expect(body()).toEqual({ words: "Enough.", until: null, case: "c1" });

    await app.press("Suspend");
    app.find("radio", "Until a day").click();
    await app.settle();
    await app.type("Why, as they will read it", "Enough.");
    await last("Suspend");
    expect(app.text).toContain("Choose a day within a year from today.");
    const soon = new Date(Date.now() + 40 * 24 * 3600_000);
    const day = soon.toISOString().slice(0, 10);
    await app.type("Its last day", day);
    await last("Suspend");
    expect(body()).toMatchObject({ until: dayAfter(new Date(`${day}T00:00`), 1).toISOString() });
  });

  it("goes on writing while other things are told", async () => {
    const { tell, opened } = myStream();
    await openCase("c2", { ...asMo, "GET /me/events": opened }, "Kitchen table");
    tell({ type: "snapshot", data: { ...NOTHING, ...waits(2, 1) } }, 1);
    await found(() => app.find("link", "Reports 2"));
    await app.press("Rename");
    await app.type("New title", "A table");
    const before = app.asked.length;
    tell({ type: "notification_changed", data: { notification: notification("1") } }, 2);
    await found(() => expect(app.text).toContain("Ama invites you to listen"));
    expect(app.asked.slice(before), "nothing changed that is looked at").toEqual([]);
    tell({ type: "moderation_changed", data: waits(3, 2) }, 3);
    await found(() => app.find("link", "Reports 3"));

    expect((app.find("textbox", "New title") as HTMLInputElement).value).toBe("A table");
  });

  it("says each act in its own words, and a late answer closes only its own sheet", async () => {
    let answer: (response: Response) => void = () => {};
    const slow = () => new Promise<Response>((resolve) => (answer = resolve));
    await openCase("c1", { ...asMo, "POST /moderation/cases/c1/dismiss": slow }, "Ben");
    await app.press("Dismiss");
    await app.type("A note for the other moderators (optional)", "He does it often.");
    await last("Dismiss");
    await app.press("Not now");
    await app.press("Warn");
    const field = app.find("textbox", "What you tell them") as HTMLTextAreaElement;
    expect(field.value, "a note for colleagues is nothing for him").toBe("");
    await app.type("What you tell them", "Let others finish.");
    answer(new Response(null, { status: 204 }));
    await app.settle();

    expect(app.text).toContain("Dismissed.");
    expect(app.find("dialog", "Warn Ben")).toBeTruthy();
    expect(field.value).toBe("Let others finish.");
  });

  it("goes on with the next case, where the keyboard is too", async () => {
    const { answers } = sentTo(asMo, "POST /moderation/cases/c2/dismiss");
    await app.open("/moderation", answers);
    await found(() => app.find("region", "Case: Kitchen table"));
    await app.press("Dismiss");
    // The list may still have it: the server reads while it writes.
    await last("Dismiss");

    const next = await found(() => app.find("region", "Case: Ben"));
    await found(() => expect(document.activeElement).toBe(next));
  });

  it("goes on where it is said that all is well, after the last case", async () => {
    const { tell, opened } = myStream();
    let cases = [second];
    const answers = {
      "GET /me/events": opened,
      "GET /moderation/cases": () => Response.json({ cases, next: null }),
      "POST /moderation/cases/c2/dismiss": () => {
        cases = [];
        return new Response(null, { status: 204 });
      },
    };
    await app.open("/moderation", { ...asMo, ...answers });
    await found(() => app.find("region", "Case: Kitchen table"));
    await app.press("Dismiss");
    await last("Dismiss");
    await found(() => app.find("heading", "All is well"));
    const list = app.find("region", "Open cases");
    expect(document.activeElement).toBe(list);

    cases = [first];
    tell({ type: "snapshot", data: { ...NOTHING, ...waits(1) } }, 1);
    await found(() => app.find("region", "Case: Ben"));
    expect(document.activeElement, "what comes in calls nobody away").toBe(list);
  });

  it("is not called back from where they went meanwhile", async () => {
    let answer: (response: Response) => void = () => {};
    const slow = () => new Promise<Response>((resolve) => (answer = resolve));
    const settling = { ...asMo, "POST /moderation/cases/c1/dismiss": slow };
    await app.open("/moderation/cases/c1", settling, PHONE);
    await found(() => app.find("region", "Case: Ben"));
    await app.press("Dismiss");
    await last("Dismiss");
    await app.press("Not now");
    await app.press("Suspended", "link");
    answer(new Response(null, { status: 204 }));
    await app.settle();
    await app.settle();

    expect(location.pathname).toBe("/moderation/suspensions");
  });

  it("dismisses without a word", async () => {
    const { body, answers } = sentTo(asMo, "POST /moderation/cases/c1/dismiss");
    await openCase("c1", answers, "Ben");
    await app.press("Dismiss");
    await last("Dismiss");

    expect(body()).toEqual({ words: "" });
  });

  it("ends and renames a space", async () => {
    const renamed = sentTo(asMo, "PATCH /moderation/spaces/kitchen");
    const { body, answers } = sentTo(renamed.answers, "POST /moderation/spaces/kitchen/end");
    await openCase("c2", answers, "Kitchen table");
    const say = async (title: string, description: string) => {
      await app.press("Rename");
      await app.type("New title", title);
      await app.type("New description", description);
      await app.type("Why, as its host will read it", "That word hurts.");
      await last("Rename");
    };
    await say("Kitchen table", "Bread.");
    expect(app.text).toContain("Change the title or the description.");
    expect(app.asked).not.toContain("PATCH /moderation/spaces/kitchen");
    await app.press("Not now");
    const said = { words: "That word hurts.", case: "c2" };
    await say("A table", "Bread.");
    expect(renamed.body()).toEqual({ title: "A table", ...said });
    await say("Kitchen table", " ");
    expect(renamed.body()).toEqual({ description: "", ...said });
    await app.press("End space");
    await app.type("Why, as its host will read it", "Again.");
    await last("End space");

    expect(body()).toEqual({ words: "Again.", case: "c2" });
  });

  it("takes away a post that is there, and shows what one said that is gone", async () => {
    const said = (id: string, is_there: boolean) =>
      report(id, {
        scene: null,
        posts: [{ id, text: `Words of ${id}`, at: "2026-03-01T20:00:00Z", voice: null, is_there }],
      });
    const about = { ...first, reports: [said("p1", true), said("p2", false)] };
    const { body, answers } = sentTo(asMo, "POST /moderation/posts/p1/take-away");
    await openCase("c1", { ...answers, "GET /moderation/cases/c1": about }, "Ben");
    expect(app.text).toContain("Words of p2");
    expect(app.names("button").filter((name) => name === "Take the post away")).toHaveLength(1);
    expect(app.find("link", "still there").getAttribute("href")).toBe("/posts/p1");
    await app.press("Take the post away");
    await app.type("Why, as they will read it", "Not here.");
    await last("Take the post away");

    expect(body()).toEqual({ words: "Not here.", case: "c1" });
    expect(await app.barriers()).toEqual([]);
  });

  it("cancels a space that has not begun", async () => {
    const coming = { ...second, space: { ...LIVE, state: "scheduled" } };
    const { body, answers } = sentTo(asMo, "POST /moderation/spaces/kitchen/end");
    await openCase("c2", { ...answers, "GET /moderation/cases/c2": coming }, "Kitchen table");
    expect(app.names("button")).not.toContain("End space");
    await app.press("Cancel space");
    expect(app.find("dialog", "Cancel “Kitchen table”")).toBeTruthy();
    await app.type("Why, as its host will read it", "Spam.");
    await last("Cancel space");

    expect(body()).toEqual({ words: "Spam.", case: "c2" });
    expect(app.text).toContain("The space is cancelled.");
  });

  it("is told that a colleague was faster, and what came of it", async () => {
    let now = first;
    const settled = {
      at: "2026-03-01T21:00:00Z",
      by: person("jo"),
      outcome: "warned",
      words: "Second time.",
    } as const;
    const faster = () => {
      now = { ...first, state: "settled", settled };
      return refusal(409, "case_settled", "This case is settled.");
    };
    const answers = {
      "GET /moderation/cases/c1": () => Response.json(now),
      "POST /moderation/cases/c1/dismiss": faster,
    };
    await openCase("c1", { ...asMo, ...answers }, "Ben");
    await app.press("Dismiss");
    await last("Dismiss");

    expect(app.text).toContain("A colleague was faster: this case is settled.");
    await found(() => expect(app.find("status", /Warned by Jo,/)).toBeTruthy());
    expect(app.text).toContain("“Second time.”");
    expect(app.names("button")).not.toContain("Dismiss");
  });

  it("reads why the server refuses", async () => {
    const staff = () => refusal(403, "moderates_staff", "Only an administrator moderates staff.");
    await openCase("c1", { ...asMo, "POST /moderation/people/ben/warnings": staff }, "Ben");
    await app.press("Warn");
    await app.type("What you tell them", "Please.");
    await last("Warn");

    expect(app.find("alert", "Only an administrator moderates staff.")).toBeTruthy();
  });

  it("reaches no guest, and moderators only as an administrator", async () => {
    const colleague = { ...asMo, "GET /moderation/people/ben": record("ben", { role: "moderator" }) };
    await openCase("c1", colleague, "Ben");
    await found(() => expect(app.text).toContain("Only an administrator moderates moderators."));
    expect(app.names("button")).not.toContain("Suspend");
    await app.close();
    await openCase("c1", { ...colleague, "GET /me": { ...MO, role: "admin" } }, "Ben");
    await found(() => expect(app.text).toContain("Moderator · "));
    expect(app.names("button")).toContain("Suspend");
    await app.close();
    const guest = caseOf("c1", { person: person("g", { name: null, display_name: "Guest" }) });
    await openCase("c1", { ...asMo, "GET /moderation/cases/c1": guest }, "Guest");

    expect(app.names("button")).toContain("Dismiss");
    expect(app.names("button")).not.toContain("Suspend");
  });

  it("lifts a suspension, with the appeal before the eyes", async () => {
    const suspended = { suspensions: [{ person: person("ben"), ...suspension }], next: null };
    const answers = { ...asMo, "GET /moderation/suspensions": suspended };
    await app.open("/moderation/suspensions", answers);
    await found(() => app.find("heading", /^Ben/));
    expect(app.text).toContain("It was my brother.");
    expect(app.text).toContain("You went on after two warnings.");
    expect(await app.barriers()).toEqual([]);
    await app.press("Lift the suspension of Ben");
    expect(app.find("dialog", "Let Ben back in?")).toBeTruthy();
    await last("Lift the suspension");

    expect(app.asked).toContain("DELETE /moderation/people/ben/suspension");
    expect(document.activeElement).toBe(app.find("region", "Suspended"));
  });

  it("sees one person's record", async () => {
    const warnings = [{ words: "Let others finish.", at: "2026-02-27T20:00:00Z", by: person("mo") }];
    const { reports, ...head } = first;
    const known = record("ben", { warnings, cases: [head], suspension });
    await app.open("/moderation/people/ben", { ...asMo, "GET /moderation/people/ben": known });
    await found(() => app.find("heading", "Ben"));

    expect(app.find("region", "Warnings").textContent).toContain("Let others finish.");
    expect(app.find("region", "Suspension").textContent).toContain("It was my brother.");
    expect(app.find("region", "Cases").textContent).toContain("2 reports");
    expect(await app.barriers()).toEqual([]);
  });
});

describe("what was done", () => {
  const page = { entries: [entry(2), entry(1, { act: "removed", data: {} })], next: null };

  it("is read by administrators, of everything", async () => {
    const admin: Me = { ...MO, role: "admin" };
    await app.open("/moderation/log", { ...asMo, "GET /me": admin, "GET /moderation/log": page });
    const done = await found(() => app.find("region", "What was done"));

    await found(() => expect(done.textContent).toMatch(/Ama\s+muted Ben in Kitchen table/));
    expect(app.find("link", "Audit log").getAttribute("aria-current")).toBe("page");
    expect(await app.barriers()).toEqual([]);
  });

  it("is read by hosts, of their own space, while it lasts and after", async () => {
    const host = you({ role: "host", person: person("chidi") });
    const answers = { "GET /me": CHIDI, [`GET ${KITCHEN}/log`]: page };
    const ended = card({ state: "ended", you: host, host: person("chidi") });
    await app.open(KITCHEN, { ...answers, [`GET ${KITCHEN}`]: ended });
    await found(() => app.find("button", "What was done here"));
    expect(app.names("button")).not.toContain("Report this space");
    await app.press("What was done here");
    await found(() => expect(app.find("dialog", "What was done here").textContent).toContain("removed Ben"));
    expect(await app.barriers()).toEqual([]);
    await app.close();

    await goInside(snapshot({ stage: [], you: host }), answers);
    await found(() => app.find("button", "More about this space"));
    const items = [...document.querySelectorAll<HTMLElement>("[role=menuitem]")];
    expect(items.map((item) => item.textContent?.trim())).toEqual(["Title and words", "What was done here"]);
    items[1]?.click();
    await found(() => expect(app.text).toContain("removed Ben"));
    const asked = () => app.asked.filter((one) => one === `GET ${KITCHEN}/log`).length;
    expect(asked()).toBe(2);
    await app.press("Close");
    items[1]?.click();
    await found(() => expect(asked(), "it has grown meanwhile").toBe(3));
  });
});

describe("a space that is put before everybody", () => {
  const items = () => [...document.querySelectorAll<HTMLElement>("[role=menuitem]")];
  const item = (name: string) => items().find(({ textContent }) => textContent?.trim() === name);
  const inside = snapshot({ you: you({ person: person("mo") }), stage: [seat("ama", { role: "host" })] });

  it("is so by staff who are in it, and no more when they say so", async () => {
    await goInside(inside, { "GET /me": MO });
    await found(() => expect(item("Feature it for everyone")).toBeTruthy());
    item("Feature it for everyone")?.click();
    await found(() => expect(item("Feature it no more")).toBeTruthy());
    item("Feature it no more")?.click();
    await found(() => expect(item("Feature it for everyone")).toBeTruthy());

    const asked = app.asked.filter((one) => one.endsWith("/featured"));
    expect(asked).toEqual([`PUT /moderation${KITCHEN}/featured`, `DELETE /moderation${KITCHEN}/featured`]);
  });

  it("is none of anybody else's, and none that not everybody may hear", async () => {
    await goInside(inside, { "GET /me": { ...MO, role: "member" } });
    await found(() => app.find("button", "More about this space"));
    expect(item("Feature it for everyone")).toBeUndefined();
    await app.close();

    app = new App();
    const narrow = { ...inside, space: { ...inside.space, listen_policy: "followers" as const } };
    await goInside(narrow, { "GET /me": MO });
    await found(() => app.find("button", "More about this space"));
    expect(item("Feature it for everyone")).toBeUndefined();
  });
});

describe("somebody who is suspended", () => {
  const shut = (until: string | null) => () => {
    const problem = {
      status: 403,
      code: "suspended",
      detail: "This account is suspended.",
      until,
      words: "You went on.",
    };
    const headers = { "content-type": "application/problem+json" };
    return new Response(JSON.stringify(problem), { status: 403, headers });
  };
  async function signIn(answers: Answers): Promise<void> {
    await app.open("/sign-in", { "GET /me": () => refusal(401, "not_signed_in"), ...answers });
    await app.type("Name", "Ben");
    await app.type("Password", "a long table for all");
    await app.press("Sign in");
    await found(() => app.find("heading", "Your account is suspended"));
  }

  it("reads until when and why, and appeals once", async () => {
    const { body, answers } = sentTo(
      { "POST /sessions": shut("2099-03-08T20:00:00Z") },
      "POST /appeals",
      202,
    );
    await signIn(answers);
    expect(app.text).toMatch(/It ends .*\(2099\)/);
    expect(app.text).toContain("You went on.");
    expect(await app.barriers()).toEqual([]);
    await app.press("Send the appeal");
    expect(app.asked).not.toContain("POST /appeals");
    await app.type("What they should know", "It was my brother.");
    await app.press("Send the appeal");

    expect(body()).toEqual({ name: "ben", password: "a long table for all", words: "It was my brother." });
    expect(app.find("status", /Your appeal is with the moderators/)).toBeTruthy();
    expect(app.names("button")).not.toContain("Send the appeal");
    expect(document.activeElement?.textContent).toContain("Your appeal is with the moderators");
  });

  it("for good reads that, and that the appeal is there already", async () => {
    const again = () => refusal(409, "appealed_already", "You have appealed already.");
    await signIn({ "POST /sessions": shut(null), "POST /appeals": again });
    expect(app.text).toContain("For good.");
    await app.type("What they should know", "Once more.");
    await app.press("Send the appeal");

    expect(app.find("status", /Your appeal is with the moderators/)).toBeTruthy();
    await app.press("Use another account");
    expect(app.find("button", "Sign in")).toBeTruthy();
    expect(document.activeElement).toBe(app.find("textbox", "Name"));
    expect(app.text, "whoever comes now is not suspended").not.toContain("This account is suspended.");
  });
});
