/** How one stands to the people one meets in a room: asked once for each, and after each change. */
import * as api from "../api/client";
import type { Relation } from "../api/types";

export type Word = "follow" | "block" | "mute";

/** A server in trouble is not asked at each event. */
const RETRY_MS = 30_000;

export class Acquaintances {
  #known: Record<string, Relation> = $state.raw({});
  #asked = new Set<string>();

  /** How one stands to somebody; null while it is not known, and of oneself. */
  to(person: string): Relation | null {
    return this.#known[person] ?? null;
  }

  /** Ask about those whom one meets for the first time. Gives how one stands to them. */
  async meet(people: string[]): Promise<void> {
    const strangers = people.filter((person) => !this.#asked.has(person));
    if (strangers.length === 0) return;
    for (const person of strangers) this.#asked.add(person);
    try {
      const { items } = await api.relatedTo(strangers);
      for (const { id, relation } of items) this.#learn(id, relation);
    } catch {
      // Asked again when something happens after a while.
      setTimeout(() => {
        for (const person of strangers) this.#asked.delete(person);
      }, RETRY_MS);
    }
  }

  /** Follow, block or mute somebody for oneself, or take it back. Throws what the server refuses. */
  async say(person: string, word: Word, isSo: boolean): Promise<void> {
    await (isSo ? api.sayAbout(person, word) : api.takeBack(person, word));
    const { relation } = await api.findPerson(person);
    this.#asked.add(person);
    this.#learn(person, relation);
  }

  #learn(person: string, relation: Relation | null): void {
    if (relation) this.#known = { ...this.#known, [person]: relation };
  }
}
