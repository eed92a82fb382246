import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { person, seat, snapshot, you } from "../../../api/samples";
import type { EventType, Snapshot } from "../../../api/types";
import { announcer } from "../../../room/announcer.svelte";
import type { Room } from "../../../room/room.svelte";
import { toasts } from "../../../ui/toasts.svelte";
import { MOST_RISING, MOST_SEATS, Reactions, RISE_MS, reactionsOf } from "./reactions.svelte";

/** A room as far as reactions need one. */
class Table {
  readonly id = "kitchen";
  place = "inside";
  view: Snapshot = snapshot({ stage: [seat("ama", { role: "host" })], you: you() });
  onevent: ((type: EventType, before: Snapshot) => void) | null = null;
  readonly said: string[] = [];
  hasChannel = true;

  get you() {
    return this.view.you;
  }

  get seat() {
    return this.view.stage.find(({ person }) => person.id === this.view.you.person?.id) ?? null;
  }

  say(text: string): boolean {
    if (this.hasChannel) this.said.push(text);
    return this.hasChannel;
  }

  tell(type: EventType, change: Partial<Snapshot>): void {
    const before = this.view;
    this.view = { ...before, ...change };
    this.onevent?.(type, before);
  }

  total(reactions: Snapshot["reactions"]): void {
    this.tell("reactions_changed", { reactions });
  }
}

let table: Table;
let mine: Reactions;
let asked: string[];
let answer: () => Response;
let matches: (query: string) => boolean;

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  asked = [];
  answer = () => new Response(null, { status: 202 });
  matches = () => false;
  vi.stubGlobal("fetch", (_: string, init: RequestInit) => {
    asked.push(String(init.body));
    return Promise.resolve(answer());
  });
  vi.stubGlobal("matchMedia", (query: string) => ({ matches: matches(query) }));
  table = new Table();
  mine = new Reactions(table as unknown as Room);
});

afterEach(() => {
  vi.advanceTimersByTime(60_000);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const rising = () => mine.rising.map(({ reaction, from }) => `${reaction} ${from ?? "edge"}`);

describe("one's own reaction", () => {
  it("goes over the data channel, rises at once, and does not rise again with its sum", async () => {
    await mine.give("👏");
    expect(table.said).toEqual(['{"type":"reaction","emoji":"👏"}']);
    expect(rising()).toEqual(["👏 edge"]);
    table.total({ "👏": 1 });

    expect(rising()).toEqual(["👏 edge"]);
    expect(asked).toEqual([]);
  });

  it("rises again with the sum where somebody else gave the same", async () => {
    await mine.give("👏");
    table.total({ "👏": 2 });

    expect(rising()).toEqual(["👏 edge", "👏 edge"]);
  });

  it("asks the server without a data channel, and from the stage, where one is seen", async () => {
    table.hasChannel = false;
    await mine.give("🔥");
    table.hasChannel = true;
    table.view = snapshot({ stage: [seat("ben")], you: you({ role: "speaker", person: person("ben") }) });
    await mine.give("🔥");
    table.tell("stage_reactions_changed", { stage_reactions: { ben: { "🔥": 1 } } });
    table.total({ "🔥": 2 });

    expect(asked).toEqual(['{"emoji":"🔥"}', '{"emoji":"🔥"}']);
    expect(table.said).toEqual([]);
    expect(rising()).toEqual(["🔥 edge", "🔥 ben"]);
  });

  it("has the skin tone that this browser remembers", async () => {
    mine.choose(3);
    await new Reactions(table as unknown as Room).give("🙏");

    expect(table.said).toEqual(['{"type":"reaction","emoji":"🙏🏽"}']);
  });

  it("is not sent once there were many, and one calm word says so", async () => {
    for (let tap = 0; tap < 15; tap++) await mine.give("👏");

    expect(table.said).toHaveLength(10);
    expect(toasts.filter(({ toast }) => toast.text.includes("Give it a second"))).toHaveLength(1);
  });

  it("is answered by the same word where the server counts no more", async () => {
    table.hasChannel = false;
    answer = () =>
      new Response(JSON.stringify({ code: "slow_down", detail: "Slow." }), {
        status: 429,
        headers: { "content-type": "application/problem+json" },
      });
    await mine.give("👏");

    expect(toasts.at(-1)?.toast.text).toContain("Give it a second");
  });

  it("that was refused hides nobody else's, and one word says why", async () => {
    table.hasChannel = false;
    answer = () =>
      new Response(JSON.stringify({ code: "not_here", detail: "You are not inside." }), {
        status: 409,
        headers: { "content-type": "application/problem+json" },
      });
    await mine.give("👏");
    await mine.give("👏");
    table.total({ "👏": 1 });

    expect(rising()).toEqual(["👏 edge", "👏 edge", "👏 edge"]);
    expect(toasts.filter(({ toast }) => toast.text === "You are not inside.")).toHaveLength(1);
  });
});

describe("what others give", () => {
  it("rises from whoever sits on the stage, and once", () => {
    table.tell("stage_reactions_changed", { stage_reactions: { ama: { "❤️": 1 } } });
    table.total({ "❤️": 3 });

    expect(rising()).toEqual(["❤️ ama", "❤️ edge", "❤️ edge"]);
  });

  it("is a few of many, and counted", () => {
    for (let sum = 1; sum < 9; sum++) table.total({ "👏": sum * 5_000, "🔥": sum });

    expect(mine.rising).toHaveLength(MOST_RISING);
    expect(mine.counted).toEqual([
      ["👏", 40_000],
      ["🔥", 8],
    ]);
    vi.advanceTimersByTime(RISE_MS + 1_000);
    expect(mine.rising).toEqual([]);
    vi.advanceTimersByTime(4_000);
    expect(mine.counted).toEqual([]);
  });

  it("of listeners is only counted where many sit, and one's own with it", async () => {
    const stage = Array.from({ length: MOST_SEATS + 1 }, (_, nth) => seat(`p${nth}`));
    table.tell("snapshot", { stage });
    table.total({ "👏": 2 });
    await mine.give("🔥");
    table.tell("stage_reactions_changed", { stage_reactions: { p1: { "❤️": 1 } } });

    expect(rising(), "somebody at the table still has a place").toEqual(["❤️ p1"]);
    expect(mine.counted).toEqual([
      ["👏", 2],
      ["🔥", 1],
      ["❤️", 1],
    ]);
  });

  it("is only counted for whoever wants little motion", () => {
    matches = (query) => query.includes("reduced-motion");
    table.total({ "👏": 2 });

    expect(mine.rising).toEqual([]);
    expect(mine.counted).toEqual([["👏", 2]]);
  });

  it("does not rise because one came in, or came back", () => {
    table.tell("snapshot", { reactions: { "👏": 900 } });

    expect(mine.rising).toEqual([]);
  });

  it("is told to ears in one sentence, and not again for a while", () => {
    const heard: string[] = [];
    for (let second = 1; second <= 30; second++) {
      table.total({ "👏": second });
      vi.advanceTimersByTime(1_000);
      if (announcer.said && heard.at(-1) !== announcer.said) heard.push(announcer.said);
    }

    expect(heard).toEqual(["Reactions: 2 × applause.", "Reactions: 20 × applause."]);
  });
});

it("every part of the page has the same reactions of a room", () => {
  const room = table as unknown as Room;

  expect(reactionsOf(room)).toBe(reactionsOf(room));
});
