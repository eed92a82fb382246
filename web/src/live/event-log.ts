/**
 * The order of live events, whichever carrier brought them.
 *
 * The same events come over the data channel and over SSE, twice or out of order while one carrier takes
 * over from the other. The log keeps the newest snapshot and what came after it, sorted by number, so that
 * what one sees depends on the events alone and never on the way they came.
 */
import type { LiveEvent, Snapshot } from "../api/types";
import { apply } from "./space-state";

/** Events kept for putting late ones in their place, and for waiting until a snapshot comes. */
export const KEPT_EVENTS = 512;

interface Numbered {
  number: number;
  event: LiveEvent;
}

/** `<epoch>-<number>` in its parts; an epoch may hold dashes of its own. */
export function partsOf(id: string): { epoch: string; number: number } {
  const dash = id.lastIndexOf("-");
  return { epoch: id.slice(0, dash), number: Number(id.slice(dash + 1)) };
}

export class EventLog {
  /** What one sees now, or null before the first snapshot. */
  state: Snapshot | null = null;
  #epoch: string | null = null;
  #base: Snapshot | null = null;
  #baseNumber = -1;
  #after: Numbered[] = [];
  /** Events whose epoch has no snapshot yet. */
  #waiting: LiveEvent[] = [];

  /** The id to resume from, or null before the first snapshot. */
  get lastId(): string | null {
    if (this.#epoch === null) return null;
    return `${this.#epoch}-${this.#after.at(-1)?.number ?? this.#baseNumber}`;
  }

  /** All that came so far as the one event that says it, or null before the first snapshot. */
  get snapshot(): LiveEvent | null {
    if (this.lastId === null || this.state === null) return null;
    return { id: this.lastId, type: "snapshot", data: this.state };
  }

  /** Take one event in. False when it is old news, or has to wait for its snapshot. */
  receive(event: LiveEvent): boolean {
    const { epoch, number } = partsOf(event.id);
    if (event.type === "snapshot") return this.#restart(epoch, number, event.data);
    if (epoch !== this.#epoch) return this.#wait(event);
    return this.#insert({ number, event });
  }

  #restart(epoch: string, number: number, base: Snapshot): boolean {
    const newer = epoch === this.#epoch ? this.#after.filter((kept) => kept.number > number) : [];
    const waiting = this.#waiting;
    this.#epoch = epoch;
    this.#base = base;
    this.#baseNumber = number;
    this.#after = newer;
    this.#waiting = [];
    this.#replay();
    for (const event of waiting) if (partsOf(event.id).epoch === epoch) this.receive(event);
    return true;
  }

  #wait(event: LiveEvent): boolean {
    this.#waiting.push(event);
    if (this.#waiting.length > KEPT_EVENTS) this.#waiting.shift();
    return false;
  }

  #insert(late: Numbered): boolean {
    if (late.number <= this.#baseNumber) return false;
    const at = this.#after.findLastIndex((kept) => kept.number <= late.number);
    if (this.#after[at]?.number === late.number) return false;
    this.#after.splice(at + 1, 0, late);
    const isNewest = at + 2 === this.#after.length;
    if (isNewest && this.state) this.state = apply(this.state, late.event);
    else this.#replay();
    if (this.#after.length > KEPT_EVENTS) this.#fold();
    return true;
  }

  #replay(): void {
    let state = this.#base;
    for (const { event } of this.#after) state = state && apply(state, event);
    this.state = state;
  }

  #fold(): void {
    const oldest = this.#after.shift();
    if (!oldest || !this.#base) return;
    this.#base = apply(this.#base, oldest.event);
    this.#baseNumber = oldest.number;
  }
}
