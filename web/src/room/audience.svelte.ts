/** Who listens, by name: asked for in pages, whom one follows first, and again when people come and go. */
import * as api from "../api/client";
import type { Related } from "../api/types";

/** Not more often than this, and the more people, the rarer: a crowd must not ask all at once. */
const AGAIN_MS = 5_000;
const AGAIN_MS_EACH = 2;

export class Audience {
  people: Related[] = $state.raw([]);
  /** Where the next page begins; null on the last. */
  next: string | null = $state(null);
  readonly #space: string;
  #pages = 1;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #mayLookAt = 0;

  constructor(space: string) {
    this.#space = space;
  }

  /** Look again soon, since there are `listeners` now. Whoever saw several pages sees as many again. */
  look(listeners: number): void {
    const now = performance.now();
    const wait = Math.max(0, this.#mayLookAt - now);
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#mayLookAt = performance.now() + AGAIN_MS + listeners * AGAIN_MS_EACH;
      void this.#load();
    }, wait);
  }

  async more(): Promise<void> {
    if (!this.next) return;
    const page = await api.listenersOf(this.#space, this.next);
    this.#pages++;
    this.#show([...this.people, ...page.items], page.next_cursor);
  }

  forget(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #load(): Promise<void> {
    try {
      let cursor: string | null = null;
      let people: Related[] = [];
      for (let page = 0; page < this.#pages; page++) {
        const found = await api.listenersOf(this.#space, cursor);
        people = [...people, ...found.items];
        cursor = found.next_cursor;
        if (!cursor) break;
      }
      this.#show(people, cursor);
    } catch {
      // Who is here is seen the next time somebody comes or goes.
    }
  }

  /** Nobody twice, although somebody may have come anew between two pages. */
  #show(people: Related[], next: string | null): void {
    this.people = [...new Map(people.map((person) => [person.id, person])).values()];
    this.next = next;
  }
}
