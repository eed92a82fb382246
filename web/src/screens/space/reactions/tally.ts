/** What is new in the sums of everybody's reactions, without what was shown already. Pure. */
import type { Sums } from "./set";

export class Tally {
  /** What was shown before its sum came, and how often. */
  readonly #shown = new Map<string, number>();

  /** `emoji` is shown now, and will come once more in a sum. */
  expect(emoji: string, count = 1): void {
    this.#shown.set(emoji, (this.#shown.get(emoji) ?? 0) + count);
  }

  /** It was not taken: what comes now is somebody else's. */
  retract(emoji: string): void {
    this.#shown.set(emoji, Math.max(0, (this.#shown.get(emoji) ?? 0) - 1));
  }

  /** The sums begin anew: nothing more is to come of what was shown. */
  forget(): void {
    this.#shown.clear();
  }

  /** What was given between two sums and nobody has seen here. */
  fresh(before: Sums, after: Sums): [emoji: string, count: number][] {
    return grown(before, after).flatMap(([emoji, count]) => {
      const seen = Math.min(count, this.#shown.get(emoji) ?? 0);
      this.#shown.set(emoji, (this.#shown.get(emoji) ?? 0) - seen);
      return count > seen ? [[emoji, count - seen] as [string, number]] : [];
    });
  }
}

/** How much each sum has grown, of those that have. */
export function grown(before: Sums, after: Sums): [emoji: string, count: number][] {
  return Object.entries(after)
    .map(([emoji, count]) => [emoji, (count ?? 0) - (before[emoji] ?? 0)] as [string, number])
    .filter(([, count]) => count > 0);
}

/** Lets `burst` through at once and then `perSecond`: what is above the server does not count. */
export class Allowance {
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #at = 0;

  constructor(burst: number, perSecond: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
  }

  /** Whether one more is let through, at `now` in milliseconds. */
  take(now: number): boolean {
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) / 1_000) * this.#perSecond);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
