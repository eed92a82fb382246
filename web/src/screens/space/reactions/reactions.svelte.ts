/** The reactions of one room: one's own, and what rises of everybody's. */
import { Refusal, inWords as refusalInWords } from "../../../api/errors";
import { react } from "../../../api/table";
import type { EventType, Snapshot } from "../../../api/types";
import { announce } from "../../../room/announcer.svelte";
import type { Room } from "../../../room/room.svelte";
import { type Toast, toast } from "../../../ui/toasts.svelte";
import { inWords, mostFirst, NAMES, partsOf, type Reaction, TONES, toned } from "./set";
import { Allowance, grown, Tally } from "./tally";

/** How long one rises (guide: Motion). */
export const RISE_MS = 2_400;
/** More than this is not seen as single ones: then they are counted (guide: Reactions). */
export const MOST_RISING = 12;
/** More people than this sit where those of listeners would rise: then they are only counted. */
export const MOST_SEATS = 8;
/** Of one sum so many rise, one after another within the time until the next sum. */
const MOST_AT_ONCE = 3;
const ONE_AFTER_ANOTHER_MS = 160;
/** After so long without another one the count begins anew. */
const PAUSE_MS = 4_000;
/** A screen reader is told as often at most, and of one's own more often. */
const SAY_EVERY_MS = 20_000;
const SAY_AFTER_MS = 1_500;
const SAY_OWN_EVERY_MS = 3_000;
/** As the server counts one person's. */
const BURST = 10;
const PER_SECOND = 2;
/** A word about what did not count is said once in this time. */
const CALM_EVERY_MS = 6_000;
const STORE = "convivium.tone";

export interface Rising {
  id: number;
  reaction: Reaction;
  tone: number;
  /** Id of the person it comes from; null for somebody among the listeners. */
  from: string | null;
  delayMs: number;
}

export class Reactions {
  /** What is on its way up. */
  rising: readonly Rising[] = $state.raw([]);
  /** What was given in this moment, those given most first; empty when all of it can be seen rising. */
  counted: readonly [Reaction, number][] = $state.raw([]);
  #tone = $state(storedTone());
  #number = 0;
  #now = new Map<Reaction, number>();
  #isMore = false;
  #unsaid = new Map<Reaction, number>();
  #saidAt = Number.NEGATIVE_INFINITY;
  #saidOwnAt = Number.NEGATIVE_INFINITY;
  #saidWhyAt = Number.NEGATIVE_INFINITY;
  #forgetting: ReturnType<typeof setTimeout> | undefined;
  #saying: ReturnType<typeof setTimeout> | undefined;
  readonly #room: Room;
  readonly #tally = new Tally();
  readonly #allowance = new Allowance(BURST, PER_SECOND);

  constructor(room: Room) {
    this.#room = room;
    room.onevent = (type, before) => this.#follow(type, before, room.view);
  }

  /** Which skin tone one's hands have, in this browser. */
  get tone(): number {
    return this.#tone;
  }

  choose(tone: number): void {
    this.#tone = tone;
    try {
      localStorage.setItem(STORE, String(tone));
    } catch {
      // Without a store it holds until the page is closed.
    }
  }

  /** Give one's own: it rises at once, and is not shown again when its sum comes. */
  async give(reaction: Reaction): Promise<void> {
    const now = performance.now();
    if (!this.#allowance.take(now)) return this.#calm(now);
    const emoji = toned(reaction, this.#tone);
    const me = this.#room.seat?.person.id ?? null;
    this.#tally.expect(emoji);
    this.#show(emoji, 1, me);
    if (now - this.#saidOwnAt >= SAY_OWN_EVERY_MS) {
      this.#saidOwnAt = now;
      announce(`${NAMES[reaction]} given.`);
    }
    await this.#send(emoji, me !== null).catch((error) => {
      this.#tally.retract(emoji);
      this.#failed(error, now);
    });
  }

  /** A listener's goes over the data channel, since thousands do at once; who sits on the stage is seen to react. */
  async #send(emoji: string, isSeated: boolean): Promise<void> {
    const text = JSON.stringify({ type: "reaction", emoji });
    if (isSeated || !this.#room.say(text)) await react(this.#room.id, emoji);
  }

  #failed(error: unknown, now: number): void {
    if (error instanceof Refusal && error.code === "slow_down") this.#calm(now);
    else this.#word(now, { text: refusalInWords(error), icon: "warning", tone: "danger" });
  }

  #calm(now: number): void {
    this.#word(now, { text: "That was heard. Give it a second before the next one.", icon: "smile" });
  }

  /** Taps come quickly, words about them do not. */
  #word(now: number, word: Toast): void {
    if (now - this.#saidWhyAt < CALM_EVERY_MS) return;
    this.#saidWhyAt = now;
    toast(word);
  }

  #follow(type: EventType, before: Snapshot, after: Snapshot): void {
    if (type === "snapshot") this.#tally.forget();
    if (type === "stage_reactions_changed") this.#followStage(before, after);
    if (type !== "reactions_changed") return;
    for (const [emoji, count] of this.#tally.fresh(before.reactions, after.reactions))
      this.#hear(emoji, count, null);
  }

  #followStage(before: Snapshot, after: Snapshot): void {
    for (const [person, sums] of Object.entries(after.stage_reactions)) {
      if (person === this.#room.you.person?.id) continue;
      for (const [emoji, count] of grown(before.stage_reactions[person] ?? {}, sums)) {
        this.#tally.expect(emoji, count);
        this.#hear(emoji, count, person);
      }
    }
  }

  /** Somebody else's. */
  #hear(emoji: string, count: number, from: string | null): void {
    const reaction = partsOf(emoji)?.reaction;
    if (!reaction) return;
    add(this.#unsaid, reaction, count);
    const wait = Math.max(SAY_AFTER_MS, this.#saidAt + SAY_EVERY_MS - performance.now());
    this.#saying ??= setTimeout(() => this.#say(), wait);
    this.#show(emoji, count, from);
  }

  #say(): void {
    this.#saying = undefined;
    this.#saidAt = performance.now();
    if (this.#room.place === "inside") announce(`Reactions: ${inWords(this.#unsaid)}.`);
    this.#unsaid = new Map();
  }

  #show(emoji: string, count: number, from: string | null): void {
    const parts = partsOf(emoji);
    if (!parts) return;
    const isFull = from === null && this.#room.view.stage.length > MOST_SEATS;
    const rise = isFull || isStill() ? 0 : Math.min(count, MOST_AT_ONCE, MOST_RISING - this.rising.length);
    for (let nth = 0; nth < rise; nth++) this.#raise({ ...parts, from, delayMs: nth * ONE_AFTER_ANOTHER_MS });
    this.#isMore ||= rise < count;
    add(this.#now, parts.reaction, count);
    if (this.#isMore) this.counted = mostFirst(this.#now);
    clearTimeout(this.#forgetting);
    this.#forgetting = setTimeout(() => this.#forget(), PAUSE_MS);
  }

  #raise(one: Omit<Rising, "id">): void {
    const id = ++this.#number;
    this.rising = [...this.rising, { id, ...one }];
    setTimeout(() => {
      this.rising = this.rising.filter((other) => other.id !== id);
    }, RISE_MS + one.delayMs);
  }

  #forget(): void {
    this.#now = new Map();
    this.#isMore = false;
    this.counted = [];
  }
}

const known = new WeakMap<Room, Reactions>();

/** The reactions of `room`: the same for every part of the page that asks. */
export function reactionsOf(room: Room): Reactions {
  const found = known.get(room) ?? new Reactions(room);
  known.set(room, found);
  return found;
}

/** Whoever wants little motion, or strong contrast, sees counts (guide: Motion; high contrast). */
function isStill(): boolean {
  return ["(prefers-reduced-motion: reduce)", "(prefers-contrast: more)"].some(
    (query) => matchMedia(query).matches,
  );
}

function add<Key>(counts: Map<Key, number>, key: Key, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

function storedTone(): number {
  try {
    const tone = Number(localStorage.getItem(STORE));
    return tone in TONES ? tone : 0;
  } catch {
    return 0;
  }
}
