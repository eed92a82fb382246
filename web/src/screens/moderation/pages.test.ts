import { describe, expect, it } from "vitest";
import { type Page, Pages } from "./pages.svelte";

/** Pages whose answers are given by hand, in any order. */
function pages() {
  const asked: { before: string | null; answer: (page: Page<string>) => void; fail: () => void }[] = [];
  const list = new Pages<string>(
    (before) =>
      new Promise((resolve, reject) => {
        asked.push({ before, answer: resolve, fail: () => reject(new Error("away")) });
      }),
  );
  return { list, asked };
}

describe("a list in pages", () => {
  it("grows by what was asked for, and begins anew when it is loaded again", async () => {
    const { list, asked } = pages();
    const first = list.load();
    asked[0]?.answer({ items: ["a", "b"], next: "b" });
    await first;
    const second = list.more();
    asked[1]?.answer({ items: ["c"], next: null });
    await second;
    expect([list.items, list.next, asked[1]?.before]).toEqual([["a", "b", "c"], null, "b"]);
    await list.more();
    expect(asked, "there is no more").toHaveLength(2);
    const again = list.load();
    expect(list.items, "what is shown stays meanwhile").toHaveLength(3);
    asked[2]?.answer({ items: ["z"], next: null });
    await again;

    expect(list.items).toEqual(["z"]);
  });

  it("forgets a late answer to an earlier question", async () => {
    const { list, asked } = pages();
    const both = Promise.all([list.load(), list.load()]);
    asked[1]?.answer({ items: ["new"], next: null });
    asked[0]?.answer({ items: ["old"], next: "old" });
    await both;

    expect([list.items, list.next, list.busy]).toEqual([["new"], null, false]);
  });

  it("keeps what it shows when the server does not answer", async () => {
    const { list, asked } = pages();
    const first = list.load();
    asked[0]?.fail();
    await first;
    expect([list.phase, list.trouble]).toEqual(["failed", expect.stringMatching(/./)]);
    const second = list.load();
    asked[1]?.answer({ items: ["a"], next: null });
    await second;
    const third = list.load();
    asked[2]?.fail();
    await third;

    expect([list.phase, list.items, list.trouble]).toEqual(["there", ["a"], expect.stringMatching(/./)]);
  });
});
