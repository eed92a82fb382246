import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Refusal } from "../api/errors";
import { event, snapshot } from "../api/samples";
import type { LiveEvent } from "../api/types";
import { EventLog } from "./event-log";
import { FakeChannel, FakeLocks } from "./fake-tabs";
import { ANSWER_WITHIN_MS, ASK_EVERY_MS, followShared } from "./shared-stream";

const first = event(5, "snapshot", snapshot());
const counts = (number: number) =>
  event(number, "counts_changed", { counts: { listeners: number, requests: 0 } });

/** The server's end of the event streams: those that are open, and where each was resumed. */
class Streams {
  readonly resumedAt: (string | null)[] = [];
  refusal: Response | null = null;
  readonly #open = new Set<ReadableStreamDefaultController<Uint8Array>>();

  get open(): number {
    return this.#open.size;
  }

  answer(init: RequestInit): Response {
    this.resumedAt.push(new Headers(init.headers).get("last-event-id"));
    if (this.refusal) return this.refusal;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#open.add(controller);
        init.signal?.addEventListener("abort", () => {
          this.#open.delete(controller);
          controller.error(new DOMException("", "AbortError"));
        });
      },
    });
    return new Response(body);
  }

  async send(happened: LiveEvent): Promise<void> {
    const bytes = new TextEncoder().encode(`data: ${JSON.stringify(happened)}\n\n`);
    for (const stream of this.#open) stream.enqueue(bytes);
    await vi.advanceTimersByTimeAsync(0);
  }
}

/** A tab that looks at a space: what came to it, and what it sees. */
class Tab {
  readonly log = new EventLog();
  readonly events: LiveEvent[] = [];
  readonly refusals: Refusal[] = [];
  readonly close: () => void;
  readonly channel: FakeChannel | undefined;

  constructor(space = "kitchen", person = "ben") {
    this.close = followShared(space, person, {
      windowMs: () => 0,
      lastId: () => this.log.lastId,
      snapshot: () => this.log.snapshot,
      event: (happened) => {
        this.events.push(happened);
        this.log.receive(happened);
      },
      refused: (refusal) => this.refusals.push(refusal),
    });
    this.channel = FakeChannel.all.at(-1);
  }

  get listeners(): number | undefined {
    return this.log.state?.counts.listeners;
  }
}

describe("the event stream of a browser", () => {
  let streams: Streams;
  let tabs: Tab[];

  beforeEach(() => {
    vi.useFakeTimers();
    FakeChannel.all = [];
    tabs = [];
    streams = new Streams();
    vi.stubGlobal("fetch", async (_: string, init: RequestInit) => streams.answer(init));
    vi.stubGlobal("BroadcastChannel", FakeChannel);
    vi.stubGlobal("navigator", { locks: new FakeLocks() });
  });

  afterEach(() => {
    for (const tab of tabs) tab.close();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  async function open(...where: [space?: string, person?: string]): Promise<Tab> {
    const tab = new Tab(...where);
    tabs.push(tab);
    await vi.advanceTimersByTimeAsync(0);
    return tab;
  }

  it("is one for two tabs, and both see what happens", async () => {
    const [one, two] = [await open(), await open()];
    await streams.send(first);
    await streams.send(counts(6));

    expect(streams.open).toBe(1);
    expect([one.listeners, two.listeners]).toEqual([6, 6]);
  });

  it("gives a tab that comes late a snapshot of all that happened before", async () => {
    const one = await open();
    await streams.send(first);
    await streams.send(counts(6));
    const two = await open();

    expect(two.events.map(({ id, type }) => [id, type])).toEqual([["e1-6", "snapshot"]]);
    expect(two.log.state).toEqual(one.log.state);
  });

  it("gives a tab that slept through an event a snapshot when it asks again", async () => {
    const [, two] = [await open(), await open()];
    await streams.send(first);
    if (two.channel) two.channel.isFrozen = true;
    await streams.send(counts(6));
    if (two.channel) two.channel.isFrozen = false;
    expect(two.listeners).not.toBe(6);
    await vi.advanceTimersByTimeAsync(ASK_EVERY_MS + ANSWER_WITHIN_MS);

    expect(two.listeners).toBe(6);
    expect(streams.open).toBe(1);
  });

  it("goes on in another tab, after the last event, when the one that held it is closed", async () => {
    const [one, two] = [await open(), await open()];
    await streams.send(first);
    one.close();
    await vi.advanceTimersByTimeAsync(0);
    await streams.send(counts(6));

    expect(streams.resumedAt).toEqual([null, "e1-5"]);
    expect(two.listeners).toBe(6);
  });

  it("goes on in another tab when the one that held it is frozen, and stays there when that one wakes up", async () => {
    const [one, two] = [await open(), await open()];
    await streams.send(first);
    if (one.channel) one.channel.isFrozen = true;
    await vi.advanceTimersByTimeAsync(2 * ASK_EVERY_MS);
    if (one.channel) one.channel.isFrozen = false;
    await streams.send(counts(6));
    await vi.advanceTimersByTimeAsync(2 * ASK_EVERY_MS);

    expect(streams.resumedAt).toEqual([null, "e1-5"]);
    expect(streams.open).toBe(1);
    expect([one.listeners, two.listeners]).toEqual([6, 6]);
  });

  it("leaves the holder its stream as long as it answers, event or not", async () => {
    await open();
    await open();
    await vi.advanceTimersByTimeAsync(20 * ASK_EVERY_MS);

    expect(streams.resumedAt).toEqual([null]);
  });

  it("tells every tab that the server refuses", async () => {
    const problem = JSON.stringify({ code: "removed", detail: "You were removed from this space." });
    const headers = { "content-type": "application/problem+json" };
    streams.refusal = new Response(problem, { status: 403, headers });
    const both = [new Tab(), new Tab()];
    tabs.push(...both);
    await vi.advanceTimersByTimeAsync(0);

    for (const tab of both)
      expect(tab.refusals.map(({ code, message }) => [code, message])).toEqual([
        ["removed", "You were removed from this space."],
      ]);
  });

  it("is not shared between spaces, nor between two people of one browser", async () => {
    await open("kitchen", "ben");
    await open("garden", "ben");
    await open("kitchen", "");

    expect(streams.open).toBe(3);
  });

  it("is each tab's own where the browser has no locks", async () => {
    vi.stubGlobal("navigator", {});
    const [one, two] = [await open(), await open()];
    await streams.send(first);

    expect(streams.open).toBe(2);
    expect([one.log.lastId, two.log.lastId]).toEqual(["e1-5", "e1-5"]);
  });

  it("ends with its last tab", async () => {
    const [one, two] = [await open(), await open()];
    two.close();
    one.close();
    await vi.advanceTimersByTimeAsync(2 * ASK_EVERY_MS);

    expect(streams.open).toBe(0);
    expect(FakeChannel.all).toEqual([]);
  });
});
