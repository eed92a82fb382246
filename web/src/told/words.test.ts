import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { notification, person } from "../api/samples";
import type { Notification } from "../api/types";
import { isWaiting, sentenceOf, wordsOf } from "./words";

const zone = process.env.TZ;
beforeEach(() => {
  process.env.TZ = "UTC";
});
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const now = new Date("2026-03-01T20:00:00Z");
const say = (change: Partial<Notification>) => sentenceOf(notification("1", change), now);
const space = (change: object) => ({
  id: "k",
  title: "Bread",
  state: "scheduled" as const,
  starts_at: null,
  ...change,
});

describe("what a notification says", () => {
  it("names who invites, to what, and where", () => {
    expect(say({ role: "listener" })).toBe("Ama invites you to listen: Kitchen table");
    expect(say({ role: "speaker" })).toBe("Ama invites you to the stage: Kitchen table");
    expect(say({ role: "co_host" })).toBe("Ama invites you to help as co-host: Kitchen table");
  });

  it("bundles many into two names and a number", () => {
    const people = ["samir", "luca", "hana"].map((id) => person(id));
    const by = (names: number, count: number) =>
      say({ kind: "followed", space: null, people: people.slice(0, names), count });
    expect(by(1, 1)).toBe("Samir follows you");
    expect(by(2, 2)).toBe("Samir and Luca follow you");
    expect(by(3, 3)).toBe("Samir, Luca and one other follow you");
    expect(by(3, 14)).toBe("Samir, Luca and 12 others follow you");
    expect(by(0, 1), "an account that is gone").toBe("Somebody follows you");
  });

  it("leaves a number sign in a name", () => {
    const people = ["#1", "DJ #2"].map((name) => ({ ...person(name), display_name: name }));
    const by = (count: number) => say({ kind: "followed", space: null, people, count });
    expect(by(2)).toBe("#1 and DJ #2 follow you");
    expect(by(3)).toBe("#1, DJ #2 and one other follow you");
    expect(by(9)).toBe("#1, DJ #2 and 7 others follow you");
  });

  it("says how long until a space starts, and that it was to", () => {
    const soon = space({ starts_at: "2026-03-01T20:24:00Z" });
    expect(say({ kind: "starts_soon", people: [], count: 0, space: soon })).toBe("Bread starts in 24 min");
    const past = space({ starts_at: "2026-03-01T19:30:00Z" });
    expect(say({ kind: "starts_soon", people: [], count: 0, space: past })).toContain(
      "Bread was to start at",
    );
  });

  it("says where a space moved", () => {
    const moved = (startsAt: string, was: string) =>
      say({ kind: "rescheduled", space: space({}), starts_at: startsAt, was });
    expect(moved("2026-03-01T22:00:00Z", "2026-03-01T21:00:00Z")).toMatch(/^Bread moved to .*, 1 h later$/);
    expect(moved("2026-03-01T20:30:00Z", "2026-03-01T21:00:00Z")).toMatch(/30 min earlier$/);
    expect(moved("2026-03-05T20:30:00Z", "2026-03-01T20:30:00Z")).toMatch(/4 days later$/);
  });

  it("says who cancelled only when somebody did", () => {
    const cancelled = { kind: "cancelled", space: space({ state: "cancelled" }) } as const;
    expect(say(cancelled)).toBe("Bread was cancelled");
    expect(say({ ...cancelled, people: [], count: 0 })).toBe("Bread was not started, and is cancelled");
  });

  it("says what moderators did, and their words", () => {
    const told = (kind: Notification["kind"], more: Partial<Notification> = {}) =>
      say({ kind, people: [], count: 0, role: null, space: null, words: null, ...more });
    expect(told("warned", { words: "No shouting." })).toBe("The moderators have warned you: No shouting.");
    const bread = space({ state: "ended" });
    expect(told("space_ended", { space: bread, words: "Spam." })).toBe(
      "Bread was ended by the moderators: Spam.",
    );
    expect(told("space_renamed", { space: space({}), words: "Be kind." })).toBe(
      "Bread has new words, by the moderators: Be kind.",
    );
    expect(told("post_taken_away", { words: "Spam." })).toBe(
      "The moderators have taken away a post of yours: Spam.",
    );
    expect(told("suspension_lifted")).toBe("Your account is not suspended any more");
    expect(told("report_seen")).toBe("The moderators have looked at your report");
  });

  it("says what was written, and what becomes of what one wrote", () => {
    const post = { id: "p", text: "Bread is life", voice: false };
    const told = (kind: Notification["kind"], more: Partial<Notification> = {}) =>
      say({ kind, role: null, space: null, post, ...more });
    expect(told("replied")).toMatch(/ answered you: Bread is life$/);
    const aloud = { ...post, text: "", voice: true };
    expect(told("replied", { post: aloud })).toMatch(/ answered you: Voice note$/);
    expect(told("mentioned")).toMatch(/ named you: Bread is life$/);
    expect(told("quoted")).toMatch(/ quoted you: Bread is life$/);
    expect(told("reposted")).toMatch(/ reposted you: Bread is life$/);
    expect(told("liked", { count: 1 })).toMatch(/ likes your post: Bread is life$/);
    expect(told("liked", { count: 2 })).toMatch(/ like your post: Bread is life$/);
  });

  it("leads nowhere once the space is over", () => {
    expect(wordsOf(notification("1"), now).href).toBe("/spaces/kitchen");
    expect(wordsOf(notification("1", { space: space({ state: "ended" }) }), now).href).toBeNull();
  });

  it("has words for every kind", () => {
    const kinds = [
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
      "post_taken_away",
      "suspension_lifted",
      "let_in",
      "role_given",
      "sent_out",
      "way_back_given",
      "report_seen",
    ] as const;
    for (const kind of kinds) expect(wordsOf(notification("1", { kind }), now).says).not.toBe("");
  });
});

describe("what waits for an answer", () => {
  it("is an invitation to what is not over, and a space that starts", () => {
    expect(isWaiting(notification("1", { read: true }))).toBe(true);
    expect(isWaiting(notification("1", { kind: "started", read: true }))).toBe(false);
    expect(isWaiting(notification("1", { space: space({ state: "ended" }) }))).toBe(false);
    expect(isWaiting(notification("1", { kind: "starts_soon", read: true, space: space({}) }))).toBe(true);
    expect(isWaiting(notification("1", { kind: "followed" }))).toBe(false);
  });
});
