/**
 * What time it is for the server: clocks of browsers go wrong by minutes, and everybody's timer has to end at once.
 *
 * Every answer says in its `Date` when it was sent, in whole seconds. The true time lies between that and a second
 * later, so the largest difference seen is the nearest.
 */

let aheadMs: number | null = null;

/** Learn from an answer that arrived now. */
export function learnTime(date: string | null, now = Date.now()): void {
  const sent = Date.parse(date ?? "");
  if (Number.isNaN(sent)) return;
  const ahead = sent - now;
  // Within a second it is the rounding; past that somebody set a clock.
  aheadMs = aheadMs === null || Math.abs(ahead - aheadMs) > 1_000 ? ahead : Math.max(aheadMs, ahead);
}

/** The server's time in milliseconds. */
export function serverNow(now = Date.now()): number {
  return now + (aheadMs ?? 0);
}

/** Know nothing again; for tests. */
export function forgetTime(): void {
  aheadMs = null;
}
