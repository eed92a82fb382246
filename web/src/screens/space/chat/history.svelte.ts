/** The lines one reads in a space: what events brought, what was asked for, without those of people one does not want. */
import { relatedTo } from "../../../api/client";
import { linesBefore } from "../../../api/table";
import type { Chat, Line } from "../../../api/types";

/** So many a page shows; older ones go, and can be asked for again. */
const MOST = 500;
/** So many people the server is asked about at once. */
const ASKED_AT_ONCE = 50;

export class History {
  /** Whether there is more before the first line. */
  hasEarlier = $state(true);
  #lines = $state.raw<ReadonlyMap<number, Line>>(new Map());
  /** Whose lines are shown, as far as the server was asked about them. */
  #wanted = $state.raw<ReadonlyMap<string, boolean>>(new Map());
  readonly #space: string;
  /** Id of who reads, or empty for somebody without an account, who can block nobody. */
  readonly #reader: string;

  constructor(space: string, reader: string) {
    this.#space = space;
    this.#reader = reader;
  }

  /** What is shown, in order. */
  get lines(): Line[] {
    return [...this.#lines.values()]
      .filter(({ person }) => this.#isWanted(person.id))
      .sort((one, other) => one.number - other.number);
  }

  /** Take what the server told last. */
  take(chat: Chat): void {
    const taken = new Set(chat.taken);
    const all = new Map([...this.#lines, ...chat.lines.map((line) => [line.number, line] as const)]);
    const kept = [...all.values()].filter(({ number }) => !taken.has(number)).sort(byNumber);
    if (kept.length > MOST) this.hasEarlier = true;
    this.#keep(kept.slice(-MOST));
  }

  /** Ask for what was written before the first line. */
  async earlier(): Promise<void> {
    const first = Math.min(...this.#lines.keys());
    if (!Number.isFinite(first)) return;
    const { items, next_cursor } = await linesBefore(this.#space, first);
    this.hasEarlier = next_cursor !== null;
    this.#keep([...items, ...this.#lines.values()]);
  }

  #keep(lines: Line[]): void {
    this.#lines = new Map(lines.map((line) => [line.number, line]));
    void this.#askAbout(lines.map(({ person }) => person.id));
  }

  #isWanted(person: string): boolean {
    return !this.#reader || person === this.#reader || (this.#wanted.get(person) ?? false);
  }

  /** Find out about people whose lines are new here. Without an answer they are shown. */
  async #askAbout(people: string[]): Promise<void> {
    const unknown = (id: string) => id !== this.#reader && !this.#wanted.has(id);
    const ids = this.#reader ? [...new Set(people)].filter(unknown) : [];
    for (let at = 0; at < ids.length; at += ASKED_AT_ONCE) {
      const some = ids.slice(at, at + ASKED_AT_ONCE);
      const items = await relatedTo(some).then(
        (page) => page.items,
        () => [],
      );
      const unwanted = items
        .filter(({ relation }) => relation?.blocks || relation?.mutes)
        .map(({ id }) => id);
      this.#wanted = new Map([...this.#wanted, ...some.map((id) => [id, !unwanted.includes(id)] as const)]);
    }
  }
}

function byNumber(one: Line, other: Line): number {
  return one.number - other.number;
}
