import { describe, expect, it } from "vitest";
import { type Page, Pages } from "./pages.svelte";

interface Item {
  id: string;
}
const items = (...ids: string[]): Item[] => ids.map((id) => ({ id }));

/** Pages whose answers are given by hand, in any order. */
function pages() {
  const asked: { before: string | null; answer: (page: Page<Item>) => void; fail: () => void }[] = [];
  const list = new Pages<Item>(
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
    asked[0]?.answer({ items: items("a", "b"), next: "b" });
    await first;
    const second = list.more();
    asked[1]?.answer({ items: items("c"), next: null });
    await second;
    expect([list.items, list.next, asked[1]?.before]).toEqual([items("a", "b", "c"), null, "b"]);
    await list.more();
    expect(asked, "there is no more").toHaveLength(2);
    const again = list.load();
    expect(list.items, "what is shown stays meanwhile").toHaveLength(3);
    asked[2]?.answer({ items: items("z"), next: null });
    await again;

    expect(list.items).toEqual(items("z"));
  });

  it("keeps the older pages when the first is asked for anew", async () => {
    const { list, asked } = pages();
    const ids = () => list.items.map(({ id }) => id).join("");
    const take = async (asking: Promise<void>, page: Page<Item>) => {
      asked.at(-1)?.answer(page);
      await asking;
    };
    await take(list.load(), { items: items("a", "b", "c"), next: "c" });
    await take(list.more(), { items: items("d", "e"), next: "e" });
    await take(list.refresh(), { items: items("n", "a", "c"), next: "c" });
    expect([ids(), list.next], "one came, one went").toEqual(["nacde", "e"]);
    list.drop("d");
    expect(ids()).toBe("nace");
    await take(list.refresh(), { items: items("x", "y", "z"), next: "z" });
    expect([ids(), list.next], "what stands between is not known").toEqual(["xyz", "z"]);
    await take(list.refresh(), { items: items("x", "y"), next: null });
    expect([ids(), list.next], "that is all there is").toEqual(["xy", null]);
  });

  it("forgets a late answer to an earlier question", async () => {
    const { list, asked } = pages();
    const both = Promise.all([list.load(), list.load()]);
    asked[1]?.answer({ items: items("new"), next: null });
    asked[0]?.answer({ items: items("old"), next: "old" });
    await both;

    expect([list.items, list.next, list.busy]).toEqual([items("new"), null, false]);
  });

  it("keeps what it shows when the server does not answer", async () => {
    const { list, asked } = pages();
    const first = list.load();
    asked[0]?.fail();
    await first;
    expect([list.phase, list.trouble]).toEqual(["failed", expect.stringMatching(/./)]);
    const second = list.load();
    asked[1]?.answer({ items: items("a"), next: null });
    await second;
    const third = list.load();
    asked[2]?.fail();
    await third;

    expect([list.phase, list.items, list.trouble]).toEqual(["there", items("a"), expect.stringMatching(/./)]);
  });
});
