import { describe, expect, it } from "vitest";
import { event, seat, snapshot } from "../api/samples";
import type { LiveEvent } from "../api/types";
import { EventLog, KEPT_EVENTS, partsOf } from "./event-log";

const counts = (number: number, epoch = "e1") =>
  event(number, "counts_changed", { counts: { listeners: number, requests: 0 } }, epoch);

/** A log that has taken in `events`, in this order. */
function logOf(...events: LiveEvent[]): EventLog {
  const log = new EventLog();
  for (const happened of events) log.receive(happened);
  return log;
}

describe("the log of live events", () => {
  it("shows nothing before the first snapshot", () => {
    expect(logOf(counts(1)).state).toBeNull();
  });

  it("keeps events that come before the first snapshot, and applies those it does not contain", () => {
    const log = logOf(counts(4), counts(6), event(5, "snapshot", snapshot()));

    expect(log.state?.counts.listeners).toBe(6);
    expect(log.lastId).toBe("e1-6");
  });

  it("ignores an event the snapshot contains already", () => {
    const log = logOf(event(5, "snapshot", snapshot()));

    expect(log.receive(counts(5))).toBe(false);
    expect(log.state).toEqual(snapshot());
  });

  it("takes the same event from two carriers once", () => {
    const log = logOf(event(5, "snapshot", snapshot()), counts(7));

    expect(log.receive(counts(7))).toBe(false);
    expect(log.state?.counts.listeners).toBe(7);
  });

  it("puts a late event in its place instead of letting it win over newer ones", () => {
    const log = logOf(event(5, "snapshot", snapshot()), counts(8), counts(7));

    expect(log.state?.counts.listeners).toBe(8);
  });

  it("applies a late event about something else", () => {
    const log = logOf(
      event(5, "snapshot", snapshot()),
      counts(8),
      event(7, "seat_changed", { seat: seat("chidi") }),
    );

    expect(log.state?.stage).toHaveLength(2);
    expect(log.state?.counts.listeners).toBe(8);
  });

  it("applies what it knows to be newer on top of a snapshot that comes late", () => {
    const hosts = snapshot({ queue: [] });
    const log = logOf(event(5, "snapshot", snapshot()), counts(9), event(8, "snapshot", hosts));

    expect(log.state?.queue).toEqual([]);
    expect(log.state?.counts.listeners).toBe(9);
  });

  it("starts anew with the snapshot of another epoch, whatever its number", () => {
    const log = logOf(
      event(500, "snapshot", snapshot()),
      counts(501),
      event(1, "snapshot", snapshot(), "e2"),
    );

    expect(log.state).toEqual(snapshot());
    expect(log.lastId).toBe("e2-1");
  });

  it("holds events of an epoch back until its snapshot is there", () => {
    const log = logOf(event(5, "snapshot", snapshot()), counts(3, "e2"));
    expect(log.state?.counts.listeners).toBe(1);

    log.receive(event(2, "snapshot", snapshot(), "e2"));

    expect(log.state?.counts.listeners).toBe(3);
  });

  it("comes to the same end whatever the order of arrival", () => {
    const happened = [
      counts(6),
      event(7, "seat_changed", { seat: seat("chidi") }),
      event(8, "seat_changed", { seat: seat("chidi", { muted: false }) }),
      event(9, "seat_left", { person_id: "ama" }),
      counts(10),
    ];
    const inOrder = logOf(event(5, "snapshot", snapshot()), ...happened).state;

    for (let turn = 1; turn < happened.length; turn++) {
      const turned = [...happened.slice(turn), ...happened.slice(0, turn)];
      expect(logOf(event(5, "snapshot", snapshot()), ...turned).state).toEqual(inOrder);
      expect(logOf(...turned, event(5, "snapshot", snapshot())).state).toEqual(inOrder);
    }
  });

  it("keeps a bounded number of events and still knows the end", () => {
    const log = logOf(event(0, "snapshot", snapshot()));
    for (let number = 1; number <= 3 * KEPT_EVENTS; number++) log.receive(counts(number));

    expect(log.state?.counts.listeners).toBe(3 * KEPT_EVENTS);
    expect(log.receive(counts(KEPT_EVENTS))).toBe(false);
  });

  it("says all it knows in one snapshot, from which another log goes on", () => {
    const log = logOf(event(5, "snapshot", snapshot()), counts(6), counts(8));
    const late = logOf(log.snapshot as LiveEvent);
    late.receive(counts(9));

    expect(late.lastId).toBe("e1-9");
    expect(late.state?.counts.listeners).toBe(9);
    expect(logOf(counts(1)).snapshot).toBeNull();
  });

  it("reads the number after the last dash of an id", () => {
    expect(partsOf("2026-03-a-17")).toEqual({ epoch: "2026-03-a", number: 17 });
  });
});
