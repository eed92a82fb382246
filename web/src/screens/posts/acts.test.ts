import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { post } from "../../api/samples";
import { toasts } from "../../ui/toasts.svelte";
import { say, takeAway } from "./acts";
import { known } from "./known.svelte";

/** What was asked, and the answers that have not come yet. */
let asked: string[];
let answer: (status: number) => Promise<void>;

const p1 = () => post("p1", { counts: { likes: 2, reposts: 0, replies: 0, quotes: 0 } });
const likes = () => [known.of(p1()).mine?.likes, known.of(p1()).counts.likes];

beforeEach(() => {
  asked = [];
  known.learn([p1()]);
  const waiting: ((response: Response) => void)[] = [];
  vi.stubGlobal("fetch", (url: string, { method }: RequestInit) => {
    asked.push(`${method} ${url.replace("/api/v1", "")}`);
    return new Promise<Response>((resolve) => waiting.push(resolve));
  });
  answer = async (status) => {
    waiting.shift()?.(new Response(null, { status }));
    await new Promise((resolve) => setTimeout(resolve));
  };
});

afterEach(() => {
  vi.unstubAllGlobals();
  toasts.length = 0;
});

describe("a like", () => {
  it("shows before the server has answered", async () => {
    const done = say(p1(), "like", true);
    expect(likes()).toEqual([true, 3]);
    await answer(204);
    await done;

    expect(likes()).toEqual([true, 3]);
    expect(asked).toEqual(["PUT /posts/p1/like"]);
  });

  it("is taken back when the server says no, and that is said", async () => {
    const done = say(p1(), "like", true);
    await answer(403);
    await done;

    expect(likes()).toEqual([false, 2]);
    expect(toasts.map(({ toast }) => toast.tone)).toEqual(["danger"]);
  });

  it("pressed three times at once is one question after the other, and ends as pressed last", async () => {
    const all = [say(p1(), "like", true), say(p1(), "like", false), say(p1(), "like", true)];
    expect(asked).toHaveLength(1);
    await answer(204);
    await Promise.all(all);

    expect(asked).toEqual(["PUT /posts/p1/like"]);
    expect(likes()).toEqual([true, 3]);
  });

  it("that is taken back while it is on its way is taken back there too", async () => {
    const all = [say(p1(), "like", true), say(p1(), "like", false)];
    await answer(204);
    await answer(204);
    await Promise.all(all);

    expect(asked).toEqual(["PUT /posts/p1/like", "DELETE /posts/p1/like"]);
    expect(likes()).toEqual([false, 2]);
  });

  it("of somebody else's repost is another matter", async () => {
    void say(p1(), "like", true);
    void say(p1(), "repost", true);

    expect(asked).toEqual(["PUT /posts/p1/like", "PUT /posts/p1/repost"]);
    await answer(204);
    await answer(204);
  });
});

describe("a post that is taken away", () => {
  it("keeps its place, and nothing of it", async () => {
    const done = takeAway(p1());
    await answer(204);
    await done;

    expect(known.of(p1())).toMatchObject({ gone: true, text: "", author: null });
  });

  it("stays as it was when the server says no", async () => {
    const done = takeAway(p1());
    const refused = expect(done).rejects.toThrow();
    await answer(403);
    await refused;

    expect(known.of(p1()).gone).toBe(false);
  });
});
