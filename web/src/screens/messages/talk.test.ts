import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { conversation, message } from "../../api/samples";
import type { Message, MessagePage } from "../../api/types";
import { Talk } from "./talk.svelte";

let pages: Partial<MessagePage>[] = [];
let asked: string[] = [];
let arrived: number[] = [];
let talk: Talk;

const page = (...numbers: number[]): Partial<MessagePage> => ({
  conversation: conversation("c1"),
  items: numbers.map((number) => message(number)),
});
const numbers = () => talk.messages.map(({ number }: Message) => number);
const told = (number: number, version = 0) =>
  conversation("c1", { version, last: message(number), at: `2026-03-01T20:00:0${number}Z` });

beforeEach(async () => {
  [pages, asked, arrived] = [[page(3, 2)], [], []];
  vi.stubGlobal("fetch", async (url: string, { method }: RequestInit) => {
    asked.push(`${method} ${url.replace("/api/v1", "")}`);
    const given = { conversation: null, person: null, items: [], next_cursor: null, ...pages.shift() };
    return new Response(method === "PUT" ? null : JSON.stringify(given), {
      status: method === "PUT" ? 204 : 200,
    });
  });
  talk = new Talk("@ama", ({ number }) => arrived.push(number));
  await talk.load();
});
afterEach(() => vi.unstubAllGlobals());

describe("a conversation that is open", () => {
  it("takes the next message as it is told", async () => {
    await talk.follow(told(4));

    expect([numbers(), arrived, asked.length]).toEqual([[2, 3, 4], [4], 1]);
  });

  it("asks for what it missed", async () => {
    pages = [page(5, 4, 3, 2)];
    await talk.follow(told(5));

    expect([numbers(), arrived]).toEqual([
      [2, 3, 4, 5],
      [4, 5],
    ]);
  });

  it("asks again once something older is another", async () => {
    pages = [{ ...page(3), items: [message(3), message(2, { gone: true, text: "" })] }];
    await talk.follow(told(3, 1));

    expect(talk.messages[0]?.gone).toBe(true);
    expect(arrived).toEqual([]);
  });

  it("misses nothing that comes while it asks", async () => {
    pages = [page(5, 4, 3, 2), page(6, 5, 4, 3, 2)];
    await Promise.all([talk.follow(told(5)), talk.follow(told(6))]);

    expect(numbers()).toEqual([2, 3, 4, 5, 6]);
  });

  it("goes back a page, and stays at what came since", async () => {
    talk.cursor = "2";
    pages = [page(1)];
    await talk.earlier();

    expect([numbers(), talk.cursor]).toEqual([[1, 2, 3], null]);
  });

  it("says once how far one has read", async () => {
    await Promise.all([talk.seen(), talk.seen()]);

    expect(asked.slice(1)).toEqual(["PUT /messages/c1/read"]);
  });
});
