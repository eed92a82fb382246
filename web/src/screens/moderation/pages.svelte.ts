/** A list that the server gives a page at a time, the newest first. */
import { inWords } from "../../api/errors";

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

export class Pages<Item extends { readonly id: string }> {
  items: Item[] = $state.raw([]);
  /** Where the next page begins; null on the last. */
  next: string | null = $state(null);
  phase: "loading" | "there" | "failed" = $state("loading");
  trouble = $state("");
  busy = $state(false);
  readonly #ask: (before: string | null) => Promise<Page<Item>>;
  /** Counts what was asked, so that a late answer to an earlier question changes nothing. */
  #asked = 0;

  constructor(ask: (before: string | null) => Promise<Page<Item>>) {
    this.#ask = ask;
  }

  /** Ask for the first page; what is shown stays meanwhile. */
  load(): Promise<void> {
    return this.#take(null, (page) => page);
  }

  /** Ask for the first page anew; the older ones that are shown stay below it. */
  refresh(): Promise<void> {
    return this.#take(null, (page) => this.#above(page));
  }

  /** This one belongs here no more. */
  drop(id: string): void {
    this.items = this.items.filter((item) => item.id !== id);
  }

  async more(): Promise<void> {
    if (this.next === null || this.busy) return;
    await this.#take(this.next, (page) => ({ ...page, items: [...this.items, ...page.items] }));
  }

  /** `page` and what is shown after its last known item; where it knows none there would be a gap. */
  #above(page: Page<Item>): Page<Item> {
    const ids = new Set(page.items.map(({ id }) => id));
    const known = this.items.findLastIndex(({ id }) => ids.has(id));
    const older = known < 0 || page.next === null ? [] : this.items.slice(known + 1);
    return older.length > 0 ? { items: [...page.items, ...older], next: this.next } : page;
  }

  /** Ask for the page after `before`; `join` makes of it all that is shown. */
  async #take(before: string | null, join: (page: Page<Item>) => Page<Item>): Promise<void> {
    const mine = ++this.#asked;
    this.busy = true;
    try {
      const page = join(await this.#ask(before));
      if (mine !== this.#asked) return;
      this.items = page.items;
      this.next = page.next;
      this.phase = "there";
      this.trouble = "";
    } catch (error) {
      if (mine !== this.#asked) return;
      this.trouble = inWords(error);
      if (this.phase === "loading") this.phase = "failed";
    } finally {
      if (mine === this.#asked) this.busy = false;
    }
  }
}
