/** A list that the server gives a page at a time, the newest first. */
import { inWords } from "../../api/errors";

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

export class Pages<Item> {
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
    return this.#take(null, []);
  }

  async more(): Promise<void> {
    if (this.next !== null && !this.busy) await this.#take(this.next, this.items);
  }

  async #take(before: string | null, shown: Item[]): Promise<void> {
    const mine = ++this.#asked;
    this.busy = true;
    try {
      const page = await this.#ask(before);
      if (mine !== this.#asked) return;
      this.items = [...shown, ...page.items];
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
