import { describe, expect, it } from "vitest";
import {
  chat,
  event,
  floor,
  line,
  person,
  seat,
  shared,
  snapshot,
  space,
  waiting,
  you,
} from "../api/samples";
import type { LiveEvent, Snapshot } from "../api/types";
import { apply } from "./space-state";

const HOSTS_VIEW = snapshot({
  queue: [],
  people: [person("chidi")],
  chat: chat({ lines: [line(1)] }),
  shared: [shared("a"), shared("b")],
});

/** Event, and what is different in the snapshot after it: one line for each row of docs/protocol.md, 5. */
const TABLE: [string, LiveEvent, Partial<Snapshot>][] = [
  [
    "space_changed replaces the space",
    event(2, "space_changed", { space: space({ title: "Garden" }) }),
    { space: space({ title: "Garden" }) },
  ],
  [
    "seat_changed appends who just sat down",
    event(2, "seat_changed", { seat: seat("chidi") }),
    { stage: [seat("ama", { role: "host" }), seat("chidi")] },
  ],
  [
    "seat_changed replaces the seat of who sat there already, in place",
    event(2, "seat_changed", { seat: seat("ama", { role: "host", muted: false }) }),
    { stage: [seat("ama", { role: "host", muted: false })] },
  ],
  ["seat_left takes the seat away", event(2, "seat_left", { person_id: "ama" }), { stage: [] }],
  [
    "floor_changed replaces how turns are given",
    event(2, "floor_changed", { floor: floor({ policy: "fast_lane", next: 1 }) }),
    { floor: floor({ policy: "fast_lane", next: 1 }) },
  ],
  [
    "counts_changed replaces the counts",
    event(2, "counts_changed", { counts: { listeners: 7, requests: 2 } }),
    { counts: { listeners: 7, requests: 2 } },
  ],
  [
    "reactions_changed replaces the sums",
    event(2, "reactions_changed", { reactions: { "👏": 12 } }),
    { reactions: { "👏": 12 } },
  ],
  [
    "chat_changed adds new lines by number and drops those that are too long ago",
    event(2, "chat_changed", { chat: chat({ slow_seconds: 5, lines: [line(3), line(2)] }), first: 2 }),
    { chat: chat({ slow_seconds: 5, lines: [line(2), line(3)] }) },
  ],
  [
    "chat_changed takes lines away",
    event(2, "chat_changed", { chat: chat({ lines: [line(2)], taken: [1] }), first: 1 }),
    { chat: chat({ lines: [line(2)], taken: [1] }) },
  ],
  [
    "chat_changed leaves nothing when nothing is there any more",
    event(2, "chat_changed", { chat: chat({ taken: [1] }), first: null }),
    { chat: chat({ taken: [1] }) },
  ],
  [
    "shared_changed replaces in place, appends and takes away",
    event(2, "shared_changed", { shared: [shared("b", { pinned: true }), shared("c")], gone: ["a"] }),
    { shared: [shared("b", { pinned: true }), shared("c")] },
  ],
  [
    "person_arrived appends for hosts",
    event(2, "person_arrived", { person: person("efua") }),
    { people: [person("chidi"), person("efua")] },
  ],
  ["person_left takes away for hosts", event(2, "person_left", { person_id: "chidi" }), { people: [] }],
  [
    "queue_changed replaces the queue",
    event(2, "queue_changed", { queue: [waiting("chidi", 1, "Hello")] }),
    { queue: [waiting("chidi", 1, "Hello")] },
  ],
  [
    "you_changed replaces you",
    event(2, "you_changed", { you: you({ role: "speaker" }) }),
    { you: you({ role: "speaker" }) },
  ],
  ["goodbye changes nothing", event(2, "goodbye", { reason: "ended", reconnect: false }), {}],
];

describe("a snapshot after an event", () => {
  it.each(TABLE)("%s", (_, happened, difference) => {
    expect(apply(HOSTS_VIEW, happened)).toEqual({ ...HOSTS_VIEW, ...difference });
  });

  it.each(TABLE)("applied twice is the same: %s", (_, happened) => {
    const once = apply(HOSTS_VIEW, happened);

    expect(apply(once, happened)).toEqual(once);
  });

  it("is a whole new picture when the event is a snapshot", () => {
    const fresh = snapshot({ space: space({ title: "Garden" }) });

    expect(apply(HOSTS_VIEW, event(9, "snapshot", fresh))).toBe(fresh);
  });

  it("stays as it is when a newer server sends an event this page does not know", () => {
    const unknown = { id: "e1-2", type: "weather_changed", data: {} } as unknown as LiveEvent;

    expect(apply(HOSTS_VIEW, unknown)).toBe(HOSTS_VIEW);
  });

  it("never changes the snapshot before it", () => {
    const before = structuredClone(HOSTS_VIEW);
    for (const [, happened] of TABLE) apply(HOSTS_VIEW, happened);

    expect(HOSTS_VIEW).toEqual(before);
  });
});
