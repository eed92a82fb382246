import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { notification } from "../api/samples";
import type { MyEvent, Notification } from "../api/types";
import { NOTHING } from "../live/mailbox";
import { followTold, told } from "./told.svelte";

/** The server's end of one's own stream. */
let stream: ReadableStreamDefaultController<Uint8Array>;
let asked: string[] = [];
let arrived: Notification[] = [];
let stop: () => void;

async function send(event: Omit<MyEvent, "id">, number = 1): Promise<void> {
  const text = JSON.stringify({ id: `e-${number}`, ...event });
  stream.enqueue(new TextEncoder().encode(`data: ${text}\n\n`));
  await vi.advanceTimersByTimeAsync(1);
}

beforeEach(async () => {
  vi.useFakeTimers();
  asked = [];
  arrived = [];
  vi.stubGlobal("BroadcastChannel", undefined);
  Reflect.deleteProperty(globalThis, "BroadcastChannel");
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(url);
    if (url.endsWith("/me")) return new Response("{}", { status: 401 });
    return new Response(
      new ReadableStream<Uint8Array>({
        start: (controller) => {
          stream = controller;
        },
      }),
    );
  });
  stop = followTold("ama", (fresh) => arrived.push(fresh));
  await vi.advanceTimersByTimeAsync(1);
});
afterEach(() => {
  stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("what one is told", () => {
  it("begins with what was told before, of which nothing arrives", async () => {
    expect(told.newest).toBeNull();
    await send({
      type: "snapshot",
      data: { ...NOTHING, unread: 1, notifications: [notification("1")] },
    });
    expect(asked).toEqual(["/api/v1/me/events"]);
    expect([told.unread, told.newest?.length, arrived.length]).toEqual([1, 1, 0]);
  });

  it("arrives once, and again when it has grown", async () => {
    await send({ type: "snapshot", data: NOTHING });
    const change = (of: Notification, number: number) =>
      send({ type: "notification_changed", data: { notification: of } }, number);
    await change(notification("1"), 2);
    await change(notification("1", { read: true }), 3);
    await change(notification("1", { at: "2026-03-01T20:05:00Z", count: 2 }), 4);
    await send({ type: "unread_changed", data: { unread: 1 } }, 5);
    expect(arrived.map(({ count }) => count)).toEqual([1, 2]);
    expect(told.unread).toBe(1);
  });

  it("ends with the session: the page asks who it is", async () => {
    await send({ type: "goodbye", data: { reason: "signed_out", reconnect: false } });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toEqual(["/api/v1/me/events", "/api/v1/me"]);
  });

  it("is forgotten when somebody else sits down", async () => {
    await send({
      type: "snapshot",
      data: {
        ...NOTHING,
        unread: 3,
        moderation: { open_cases: 2, urgent: 0, last_at: null },
        notifications: [notification("1")],
      },
    });
    expect(told.cases).toBe(2);
    stop();
    expect([told.unread, told.newest, told.cases]).toEqual([0, null, 0]);
  });
});
