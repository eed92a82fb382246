import { describe, expect, it } from "vitest";
import { conversation, notification } from "../api/samples";
import type { MyEvent, MySnapshot } from "../api/types";
import { applyMine, KEPT, merged, NOTHING } from "./mailbox";

const seen: MySnapshot = {
  ...NOTHING,
  unread: 1,
  notifications: [notification("2", { at: "2026-03-01T20:01:00Z" }), notification("1")],
};
const apply = (event: Omit<MyEvent, "id">) => applyMine(seen, { id: "e-1", ...event } as MyEvent);

describe("what one is told", () => {
  it("starts over with a snapshot", () => {
    const data = NOTHING;
    expect(apply({ type: "snapshot", data })).toEqual(data);
  });

  it("is put in at its time, or replaced and moved there", () => {
    const told = (change: Parameters<typeof notification>[1], id: string) =>
      apply({
        type: "notification_changed",
        data: { notification: notification(id, change) },
      }).notifications.map((one) => one.id);
    expect(told({ at: "2026-03-01T20:02:00Z" }, "3")).toEqual(["3", "2", "1"]);
    expect(told({ at: "2026-03-01T20:00:30.5Z" }, "3")).toEqual(["2", "3", "1"]);
    expect(told({ at: "2026-03-01T20:02:00Z" }, "1")).toEqual(["1", "2"]);
    expect(told({}, "0")).toEqual(["2", "1", "0"]);
  });

  it("is taken back", () => {
    const after = apply({ type: "notification_gone", data: { id: "2" } });
    expect(after.notifications.map(({ id }) => id)).toEqual(["1"]);
  });

  it("has a number of its own for what is unread", () => {
    expect(apply({ type: "unread_changed", data: { unread: 7 } })).toEqual({ ...seen, unread: 7 });
  });

  it("says to moderators what waits", () => {
    const moderation = { open_cases: 2, urgent: 1, last_at: "2026-03-01T20:00:00Z" };
    expect(apply({ type: "moderation_changed", data: { moderation } })).toEqual({ ...seen, moderation });
  });

  it("is bounded", () => {
    const many = Array.from({ length: KEPT + 5 }, (_, index) => notification(String(index)));
    expect(merged([], many)).toHaveLength(KEPT);
    expect(merged([], many)[0]?.id).toBe(String(KEPT + 4));
  });
});

describe("conversations", () => {
  const told = (base: MySnapshot, change: Parameters<typeof conversation>[1], id: string) =>
    applyMine(base, {
      id: "e-1",
      type: "conversation_changed",
      data: { conversation: conversation(id, change) },
    });
  const ids = (list: MySnapshot["conversations"]) => list.map(({ id }) => id);

  it("stand with the latest news first, each once", () => {
    const one = told(NOTHING, { at: "2026-03-01T20:00:00Z" }, "a");
    const two = told(one, { at: "2026-03-01T20:01:00Z" }, "b");
    expect(ids(two.conversations)).toEqual(["b", "a"]);
    expect(ids(told(two, { at: "2026-03-01T20:02:00.5Z" }, "a").conversations)).toEqual(["a", "b"]);
  });

  it("move over once they are accepted", () => {
    const asked = told(NOTHING, { standing: "asked" }, "a");
    expect([ids(asked.asking), ids(asked.conversations)]).toEqual([["a"], []]);
    const accepted = told(asked, {}, "a");
    expect([ids(accepted.asking), ids(accepted.conversations)]).toEqual([[], ["a"]]);
  });

  it("go when they are put away, and are counted", () => {
    const there = told(NOTHING, {}, "a");
    const gone = applyMine(there, { id: "e-2", type: "conversation_gone", data: { id: "a" } });
    expect(gone.conversations).toEqual([]);
    const messages = { unread: 3, asked: 1 };
    expect(applyMine(gone, { id: "e-3", type: "messages_changed", data: { messages } }).messages).toEqual(
      messages,
    );
  });
});
