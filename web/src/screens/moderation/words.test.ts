import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { caseOf, entry, person, record } from "../../api/samples";
import { actWords, outcomeWords, recordWords, sceneWords, subjectOf, untilWords } from "./words";

const zone = process.env.TZ;
beforeEach(() => {
  process.env.TZ = "UTC";
});
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const now = new Date("2026-03-01T20:00:00Z");

describe("who somebody is", () => {
  it("is how long they are here, what they held, and how often they were removed", () => {
    expect(recordWords(record("ben"), now)).toBe("Here 9 days · 3 spaces · removed once by a host");
    const more = { spaces_hosted: 1, removals: 4, since: "2026-03-01T19:59:50Z", role: "moderator" } as const;
    expect(recordWords(record("ben", more), now)).toBe(
      "Moderator · just came · 1 space · removed 4 times by hosts",
    );
    const guest = { person: person("g", { name: null }), role: null, spaces_hosted: 0, removals: 0 };
    expect(recordWords(record("g", guest), now)).toBe("Guest · here 9 days");
  });
});

describe("a case", () => {
  const space = { id: "k", title: "Bread", description: "", state: "live", host: person("ama") } as const;

  it("is about a person, else about a space", () => {
    expect(subjectOf(caseOf("1", { space }))).toBe("Ben");
    expect(subjectOf(caseOf("1", { space, person: null }))).toBe("Bread");
    expect(subjectOf(caseOf("1", { person: null }))).toBe("Somebody who is gone");
  });

  it("says what came of it, and of a space that had not begun that it was cancelled", () => {
    expect([outcomeWords("ended", space), outcomeWords("ended", null)]).toEqual([
      "space ended",
      "space ended",
    ]);
    expect(outcomeWords("ended", { ...space, state: "cancelled" })).toBe("space cancelled");
    expect(outcomeWords("renamed", space)).toBe("space given other words");
  });

  it("says where somebody was, and how far in", () => {
    expect(sceneWords({ title: "Bread", live_s: 2_791, role: "co_host" })).toBe(
      "46:31 into Bread, as co-host",
    );
    expect(sceneWords({ title: "Bread", live_s: null, role: null })).toBe("In Bread");
  });
});

describe("a suspension", () => {
  it("lasts until a moment, with its year where that is another, or for good", () => {
    expect(untilWords(null, now)).toBe("for good");
    expect(untilWords("2026-03-08T20:00:00Z", now)).toMatch(
      /^until Sunday .*March.*, 0?8:00|^until Sunday .*20:00$/,
    );
    expect(untilWords("2027-03-08T20:00:00Z", now)).toMatch(/\(2027\)$/);
  });
});

describe("an entry of the log", () => {
  it("says what was done to whom", () => {
    expect(actWords(entry(1), now)).toBe("muted Ben");
    expect(actWords(entry(1, { person: null }), now), "an account that is gone").toBe("muted Somebody");
  });

  it("says until when somebody is suspended", () => {
    const words = (until: string | null) => actWords(entry(1, { act: "suspended", data: { until } }), now);
    expect(words(null)).toBe("suspended Ben for good");
    expect(words("2027-03-08T20:00:00Z")).toMatch(/^suspended Ben until Monday .*\(2027\)$/);
  });

  it("says what else there is to say", () => {
    const words = (act: string, data: object = {}) => actWords(entry(1, { act, data: { ...data } }), now);
    expect(words("role_changed", { role: "co_host" })).toBe("made Ben co-host");
    expect([words("cleared", { count: 1 }), words("cleared", { count: 40 })]).toEqual([
      "cleared a raid: one person removed",
      "cleared a raid: 40 people removed",
    ]);
    expect([words("let_back", { count: 1 }), words("let_back", { count: 2 })]).toEqual([
      "let one person come back",
      "let 2 people come back",
    ]);
    expect(words("space_changed", { title: null, listen_policy: "invited" })).toBe(
      "changed the space: title, who may listen",
    );
    expect(words("queue_changed", { policy: "fast_lane", followers_only: true })).toBe(
      "changed the rules of the stage: order, followers only",
    );
    expect([words("queue_changed", { locked: true }), words("queue_changed", { locked: false })]).toEqual([
      "locked the stage",
      "unlocked the stage",
    ]);
    expect([words("pinned", { pinned: true }), words("pinned", { pinned: false })]).toEqual([
      "pinned something on the table",
      "unpinned something on the table",
    ]);
    expect(words("time_given", { seconds: 30 })).toBe("gave Ben 30 more seconds");
    expect(words("moved_in_line")).toBe("moved Ben in line");
    expect(words("looked_in")).toBe("looked in as a moderator");
    expect(words("settled", { case: "12", outcome: "renamed" })).toBe(
      "settled case 12: space given other words",
    );
    expect([words("space_ended", { cancelled: false }), words("space_ended", { cancelled: true })]).toEqual([
      "ended the space",
      "cancelled the space",
    ]);
  });

  it("is told plainly where this page has no words for it", () => {
    expect(actWords(entry(1, { act: "sent_flowers" }), now)).toBe("sent flowers: Ben");
    expect(actWords(entry(1, { act: "sent_flowers", person: null }), now)).toBe("sent flowers");
  });
});
