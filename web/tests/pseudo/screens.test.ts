/** Every screen in a language that marks each letter: what is read or heard and has none is in no catalog. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  card,
  caseOf,
  chat,
  conversation,
  entry,
  event,
  floor,
  line,
  message,
  notification,
  person,
  post,
  profile,
  record,
  report,
  seat,
  shared,
  snapshot,
  timelineItem,
  waiting,
  you,
} from "../../src/api/samples";
import type { Me, Notification, Snapshot } from "../../src/api/types";
import { newestPeer } from "../../src/media/fake-peer";
import { pseudo } from "../../words/pseudo.ts";
import { type Answers, App, answered, refusal } from "../page";

const BEN: Me = {
  kind: "account",
  id: "ben",
  name: "ben",
  display_name: "Ben",
  role: "admin",
  listed: true,
  protected: true,
};
const KITCHEN = "/spaces/kitchen";
const SOON = { timeout: 5_000 };
const none = { items: [], next_cursor: null };
const LATER = new Date(Date.now() + 26 * 3600_000).toISOString();
const coming = card({ id: "later", state: "scheduled", title: "Later table", starts_at: LATER });
const KINDS: Notification["kind"][] = [
  "invited",
  "brought_up",
  "handed_over",
  "starts_soon",
  "time_to_start",
  "started",
  "rescheduled",
  "cancelled",
  "followed",
  "follow_asked",
  "follow_accepted",
  "mentioned",
  "replied",
  "quoted",
  "liked",
  "reposted",
  "warned",
  "space_ended",
  "space_renamed",
  "suspension_lifted",
  "report_seen",
];
const LINKS = [{ id: "l1", role: "speaker", uses_left: 3, expires_at: LATER }];
const token = {
  id: "t1",
  name: "bot",
  scopes: ["read", "speak"],
  created_at: LATER,
  used_on: null,
  made_by_operator: false,
};
const session = { id: "s1", seen: "2026-03-01", browser: "Firefox", system: "Linux", current: true };

const answers: Answers = {
  "GET /me": BEN,
  "GET /spaces": { items: [card(), coming], next_cursor: null },
  "GET /timeline": {
    items: [
      timelineItem(1, {
        post: post("p1", { edited_at: LATER, quote: post("p2") }),
        reposted_by: person("ama"),
      }),
    ],
    next_cursor: "more",
  },
  "GET /posts/p1": post("p1"),
  "GET /posts/p1/thread": {
    above: [post("p0", { gone: true })],
    items: [post("p3", { reply_to: { id: "p1", author: person("ama") } })],
    next_cursor: null,
  },
  "GET /posts": none,
  "GET /people/ama": profile("ama", { followers: 3, follows: 1 }),
  "GET /people/@ama": profile("ama", { followers: 3, follows: 1 }),
  "GET /people/@ama/posts": none,
  "GET /notifications": {
    items: KINDS.map((kind, at) => notification(`n${at}`, { kind, at: new Date().toISOString() })),
    next_cursor: null,
  },
  "GET /messages": none,
  "GET /messages/@ama": { conversation: conversation("c1"), items: [message(1)], next_cursor: null },
  "GET /moderation/cases": { cases: [caseOf("c1", { reports: [report("r1")] })], next: null },
  "GET /moderation/cases/c1": caseOf("c1", { reports: [report("r1")] }),
  "GET /moderation/people/ben": record("ben"),
  "GET /moderation/log": { entries: [entry(1)], next: null },
  "GET /me/sign-ins": {
    password: true,
    passkeys: [],
    identities: [],
    providers: [],
    recovery_codes: 3,
    sessions: [session],
  },
  "GET /tokens": { items: [token] },
  "GET /people/me/follow-requests": none,
  "GET /people/me/blocks": none,
  "GET /people/me/mutes": none,
  [`GET ${KITCHEN}`]: card(),
  [`POST ${KITCHEN}/call`]: answered,
  [`GET ${KITCHEN}/links`]: { items: LINKS },
};
const guest: Answers = { ...answers, "GET /me": () => refusal(401, "not_signed_in") };

/** What is not for translation: names, keys, the brand, languages by their own names. */
const NAMES =
  /Convivium|Deutsch|English|Español|https?:\S+|webauthn|\bEsc\b|\bRSS\b|Firefox|Linux|Guest|London|New York|Tokyo|UTC/g;
/** Dates, as English writes them: the formatters of the browser know other languages. */
const DATES =
  /\b(AM|PM|(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w*|(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*)\b/g;
const READ = ["aria-label", "aria-description", "aria-valuetext", "title", "placeholder", "alt"];

let app: App;
beforeEach(() => {
  app = new App();
});
afterEach(() => app.close());

/** Everything that stands on the page or is read from it, but for what the server said, and names. */
function unmarked(given: readonly unknown[]): string[] {
  const said = given.flatMap(stringsIn).sort((one, other) => other.length - one.length);
  const own = [...shownTexts(), document.title].map((text) =>
    said
      .reduce((rest, string) => rest.replaceAll(string, ""), text)
      .replace(NAMES, "")
      .replace(DATES, ""),
  );
  return [...new Set(own.filter((text) => /[A-Za-z]{2,}/.test(text)).map((text) => text.trim()))];
}

function* shownTexts(): Generator<string> {
  for (const element of document.body.querySelectorAll("*:not(kbd, script, style)")) {
    for (const name of READ) yield element.getAttribute(name) ?? "";
    for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) yield node.textContent ?? "";
  }
}

/** What a server gave away: long enough to be told from parts of words. */
function stringsIn(given: unknown): string[] {
  if (typeof given === "string") return given.length > 1 ? [given, given.split(" ")[0] ?? given] : [];
  if (typeof given !== "object" || given === null) return [];
  return Object.values(given)
    .flatMap(stringsIn)
    .filter((string) => string.length > 1);
}

async function goInside(view: Snapshot, width: number): Promise<void> {
  const { stage, counts, you } = view;
  await app.open(KITCHEN, { ...answers, [`GET ${KITCHEN}`]: card({ stage, counts, you }) }, width);
  const isSeated = stage.some((seat) => seat.person.id === you.person?.id);
  await app.press(pseudo(isSeated ? "Come back to the table" : "Start listening"));
  newestPeer().ice("connected");
  newestPeer().message(JSON.stringify(event(1, "snapshot", view)));
  await app.settle();
  if (view.queue) await vi.waitFor(() => app.find("button", pseudo("End space")), SOON);
}

it("is shown in a language of its own", async () => {
  await app.open("/", answers);

  expect(app.find("heading", pseudo("Tonight"))).toBeTruthy();
});

it.each([
  ["home", "/", answers],
  ["home of a guest, with nobody live", "/", { ...guest, "GET /spaces": none }],
  ["sign-in", "/sign-in", guest],
  ["settings", "/settings", answers],
  ["a new space", "/?new", answers],
  ["a space for later", "/schedule", answers],
  ["the door", KITCHEN, answers],
  ["the door of a guest", KITCHEN, guest],
  ["a space to come", "/spaces/later", { ...answers, "GET /spaces/later": coming }],
  ["the end", KITCHEN, { ...answers, [`GET ${KITCHEN}`]: card({ state: "ended" }) }],
  ["a space that is not there", "/spaces/none", { ...answers, "GET /spaces/none": 404 }],
  ["notifications", "/notifications", answers],
  ["messages", "/messages", answers],
  ["a conversation", "/messages/@ama", answers],
  ["messages of a guest", "/messages", guest],
  ["a thread", "/posts/p1", answers],
  ["a profile", "/people/ama", answers],
  ["a hashtag", "/explore?tag=bread", answers],
  ["what there is for everybody", "/explore", answers],
  ["what was found", "/explore?q=bread", answers],
  ["how one is told", "/settings/notifications", answers],
  ["reports", "/moderation", answers],
  ["a case", "/moderation/cases/c1", answers],
  ["the log", "/moderation/log", answers],
  ["an address that leads nowhere", "/nowhere", guest],
])("%s says nothing that cannot be translated", async (_, address, given) => {
  await app.open(address, given);
  await app.settle();

  expect(unmarked([given, answers, LINKS])).toEqual([]);
});

it.each([
  ["the room of a listener", snapshot(), 390],
  ["the room of a speaker", snapshot({ stage: [seat("ben")], you: you({ role: "speaker" }) }), 390],
  [
    "the room of somebody in line",
    snapshot({
      you: you({
        request: {
          place: 12,
          note: "Salt",
          asked_at: "2026-03-01T20:00:00Z",
          ready: false,
          expected_at: null,
        } as never,
      }),
    }),
    390,
  ],
  [
    "the studio",
    snapshot({
      you: you({ role: "host", person: person("ben") }),
      people: [person("chidi")],
      stage: [seat("ben", { role: "host" }), seat("ama", { muted: false })],
      queue: [waiting("chidi", 1, "A question about salt")],
      floor: floor({ policy: "fast_lane", next: 1, turn_seconds: 60 }),
      chat: chat({ lines: [line(1)], shared: [shared("s1")] } as never),
    }),
    1_440,
  ],
])("%s says nothing that cannot be translated", async (_, view, width) => {
  await goInside(view, width);

  expect(unmarked([view, answers])).toEqual([]);
});
