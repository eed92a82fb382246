import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Refusal } from "../api/errors";
import { event, snapshot } from "../api/samples";
import type { LiveEvent } from "../api/types";
import { eventOf, followEvents } from "./event-stream";

/** How the server writes an event (docs/protocol.md, 5). */
const written = (happened: LiveEvent) =>
  `id: ${happened.id}\nevent: ${happened.type}\ndata: ${JSON.stringify(happened)}\n\n`;

/** An answer whose body comes in `pieces`, and then ends. */
function stream(...pieces: string[]): Response {
  return new Response(pieces.join(""), { headers: { "content-type": "text/event-stream" } });
}

const first = event(5, "snapshot", snapshot());
const second = event(6, "counts_changed", { counts: { listeners: 2, requests: 0 } });

describe("the event stream", () => {
  let answers: (() => Response | Promise<Response>)[];
  let asked: { url: string; lastId: string | null }[];
  let seen: LiveEvent[];
  let refusals: Refusal[];
  let windowMs = 0;
  let stop = () => {};

  beforeEach(() => {
    vi.useFakeTimers();
    answers = [];
    windowMs = 0;
    asked = [];
    seen = [];
    refusals = [];
    vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
      asked.push({ url, lastId: new Headers(init.headers).get("last-event-id") });
      const next = answers.shift();
      return next ? Promise.resolve(next()) : new Promise(() => {});
    });
  });

  afterEach(() => {
    stop();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  function follow() {
    stop = followEvents<LiveEvent>("/spaces/kitchen/events", {
      windowMs: () => windowMs,
      lastId: () => seen.at(-1)?.id ?? null,
      event: (happened) => seen.push(happened),
      refused: (refusal) => refusals.push(refusal),
    });
  }

  it("gives the events in order, however the network cuts them", async () => {
    const bytes = new TextEncoder().encode(`: hello\n\n${written(first)}${written(second)}`);
    const body = new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7));
        controller.close();
      },
    });
    answers = [() => new Response(body)];
    follow();

    await vi.waitFor(() => expect(seen).toEqual([first, second]));
  });

  it("comes back after a lost connection and resumes where it was", async () => {
    answers = [() => stream(written(first)), () => stream(written(second))];
    follow();

    await vi.waitFor(() => expect(seen).toEqual([first, second]));
    expect(asked.slice(0, 2).map(({ lastId }) => lastId)).toEqual([null, "e1-5"]);
  });

  it("goes on trying while the server is away, with longer and longer waits", async () => {
    answers = [...Array(4)].map(() => () => Promise.reject(new TypeError("no network")));
    answers.push(() => stream(written(first)));
    follow();

    vi.spyOn(Math, "random").mockReturnValue(1);

    await vi.advanceTimersByTimeAsync(3_700);
    expect(asked).toHaveLength(4);
    await vi.advanceTimersByTimeAsync(100);

    expect(seen).toEqual([first]);
  });

  it("is opened by a crowd that lost it over the whole window, and at once by who is first", async () => {
    const began = async (window: number) => {
      windowMs = window;
      const before = asked.length;
      const stops = Array.from({ length: 100 }, () => {
        follow();
        return stop;
      });
      await vi.advanceTimersByTimeAsync(1_000);
      for (const end of stops) end();
      return asked.length - before;
    };

    expect(await began(0)).toBe(100);
    expect(await began(10_000)).toBeLessThan(30);
  });

  it("does not try again when the server refuses", async () => {
    const problem = { code: "removed", detail: "You were removed from this space." };
    answers = [
      () =>
        new Response(JSON.stringify(problem), {
          status: 403,
          headers: { "content-type": "application/problem+json" },
        }),
    ];
    follow();
    await vi.advanceTimersByTimeAsync(60_000);

    expect(refusals.map(({ code }) => code)).toEqual(["removed"]);
    expect(asked).toHaveLength(1);
  });

  it("does not come back after a goodbye that asks for it", async () => {
    answers = [() => stream(written(event(9, "goodbye", { reason: "ended", reconnect: false })))];
    follow();
    await vi.advanceTimersByTimeAsync(60_000);

    expect(seen.map(({ type }) => type)).toEqual(["goodbye"]);
    expect(asked).toHaveLength(1);
  });

  it("comes back after a goodbye for a restart", async () => {
    answers = [() => stream(written(event(9, "goodbye", { reason: "restarting", reconnect: true })))];
    follow();
    await vi.advanceTimersByTimeAsync(1_000);

    expect(asked).toHaveLength(2);
  });

  it("asks nothing more once it is stopped", async () => {
    answers = [() => Promise.reject(new TypeError("no network"))];
    follow();
    await vi.advanceTimersByTimeAsync(10);
    stop();
    await vi.advanceTimersByTimeAsync(60_000);

    expect(asked).toHaveLength(1);
  });

  it("takes comments, broken JSON and foreign JSON for no event", () => {
    expect(eventOf(": still here")).toBeNull();
    expect(eventOf("data: {")).toBeNull();
    expect(eventOf("data: null")).toBeNull();
    expect(eventOf('data: {"hello": 1}')).toBeNull();
  });
});
