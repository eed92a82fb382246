/**
 * What is offered while somebody writes a name or a hashtag: at once whom the page knows, a moment later whom and what
 * the server finds. The field keeps the focus; its keys go through the list (WAI-ARIA: listbox autocomplete).
 */
import { search } from "../../api/search";
import type { Found, Person } from "../../api/types";
import { pause } from "../../pause";
import { type Begun, begunAt, completed, meant, OFFERED } from "./mention";

type Tag = NonNullable<Found["tags"]>["items"][number];

/** Nobody is looked for between two letters of a quick hand. */
const PAUSE_MS = 250;
/** Of one letter the server finds nobody. */
const PEOPLE_FROM = 2;

export type Offer = { readonly key: string; readonly word: string } & (
  | { readonly person: Person }
  | { readonly tag: Tag }
);

export class Completing {
  offered: readonly Offer[] = $state.raw([]);
  /** Which of those offered is marked. */
  marked = $state(0);
  #begun: Begun | null = null;
  #look = new AbortController();
  readonly #near: () => readonly Person[];

  /** near: people whom one probably means. */
  constructor(near: () => readonly Person[]) {
    this.#near = near;
  }

  /** The caret is at `caret` of `text`. */
  follow(text: string, caret: number): void {
    const begun = begunAt(text, caret);
    if (begun?.sign === this.#begun?.sign && begun?.word === this.#begun?.word) return;
    this.shut();
    this.#begun = begun;
    if (!begun) return;
    if (begun.sign === "@") this.#offer(meant(this.#near(), begun.word).map(ofPerson));
    void this.#find(begun, this.#look.signal);
  }

  /** Offer nothing more of what is begun. */
  shut(): void {
    this.#look.abort();
    this.#look = new AbortController();
    this.#offer([]);
  }

  /** A key while something is offered: arrows go through it, Enter and Tab take one, Escape wants none. */
  pressed(event: KeyboardEvent, take: (offer: Offer) => void): void {
    const { length } = this.offered;
    const offer = this.offered[this.marked];
    if (!offer || event.isComposing) return;
    if (event.key === "ArrowDown") this.marked = (this.marked + 1) % length;
    else if (event.key === "ArrowUp") this.marked = (this.marked - 1 + length) % length;
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) take(offer);
    else if (event.key === "Escape") this.shut();
    else return;
    event.preventDefault();
    // Escape shuts the list, and not the sheet around it.
    event.stopPropagation();
  }

  async #find({ sign, word }: Begun, signal: AbortSignal): Promise<void> {
    if (sign === "@" && word.length < PEOPLE_FROM) return;
    await pause(PAUSE_MS, signal);
    if (signal.aborted) return;
    const kind = sign === "@" ? "people" : "tags";
    // Without an answer it is written by hand.
    const found = await search({ words: word, language: "" }, kind, null).catch(() => null);
    if (signal.aborted || !found) return;
    const fresh =
      sign === "@"
        ? (found.people?.items ?? []).filter(({ name }) => name).map(ofPerson)
        : (found.tags?.items ?? []).map(ofTag);
    const known = new Set(this.offered.map(({ key }) => key));
    this.#offer(
      [...this.offered, ...fresh.filter(({ key }) => !known.has(key))].slice(0, OFFERED),
      this.marked,
    );
  }

  #offer(offered: readonly Offer[], marked = 0): void {
    this.offered = offered;
    this.marked = marked;
  }
}

/** `text` with `offer` in place of what was begun before `caret`. */
export const withOffer = (text: string, caret: number, offer: Offer) => completed(text, caret, offer.word);

const ofPerson = (person: Person): Offer => ({ key: person.id, word: person.name ?? "", person });
const ofTag = (tag: Tag): Offer => ({ key: `#${tag.tag}`, word: tag.tag, tag });
