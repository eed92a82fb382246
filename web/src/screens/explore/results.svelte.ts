/** What was found: the first few of everything, or one kind page by page. A late answer changes nothing. */
import { inWords } from "../../api/errors";
import { type FoundKind, type Looked, search } from "../../api/search";
import type { Found } from "../../api/types";
import { known } from "../posts/known.svelte";

export class Results {
  found: Found | null = $state.raw(null);
  /** What `found` was found by. */
  of: string = $state("");
  busy = $state(false);
  trouble = $state("");
  #asked = 0;

  /** Look for the first page; what is shown stays until there is an answer. */
  async look(looked: Looked, kind: FoundKind | null): Promise<void> {
    await this.#ask(async () => {
      const fresh = await search(looked, kind, null);
      return { found: fresh, of: `${kind} ${looked.words} ${looked.language}` };
    });
  }

  /** Look for the next page of one kind. */
  async more(looked: Looked, kind: FoundKind): Promise<void> {
    const before = this.found;
    const cursor = before?.[kind]?.next_cursor;
    if (!before || !cursor || this.busy) return;
    await this.#ask(async () => {
      const fresh = await search(looked, kind, cursor);
      return { found: { ...before, [kind]: joined(before, fresh, kind) }, of: this.of };
    });
  }

  /** Nothing is looked for any more. */
  clear(): void {
    this.#asked++;
    this.found = null;
    this.of = this.trouble = "";
    this.busy = false;
  }

  async #ask(look: () => Promise<{ found: Found; of: string }>): Promise<void> {
    const mine = ++this.#asked;
    this.busy = true;
    try {
      const { found, of } = await look();
      if (mine !== this.#asked) return;
      known.learn(found.posts?.items ?? []);
      this.found = found;
      this.of = of;
      this.trouble = "";
    } catch (error) {
      if (mine === this.#asked) this.trouble = inWords(error);
    } finally {
      if (mine === this.#asked) this.busy = false;
    }
  }
}

function joined(before: Found, fresh: Found, kind: FoundKind) {
  const items = [...(before[kind]?.items ?? []), ...(fresh[kind]?.items ?? [])];
  return { items, next_cursor: fresh[kind]?.next_cursor ?? null };
}

/** How many things there are in `found`, of all kinds. */
export const countOf = (found: Found): number =>
  Object.values(found).reduce((sum, page) => sum + (page?.items.length ?? 0), 0);
