/**
 * How far those who come back at once spread out, so that a server that has just started answers all of them.
 *
 * Everybody waits a random part of a window, which grows with the audience as each of them knew it
 * (docs/decisions/0018). The server lets in 500 a second; few people are back at once.
 */

/** The window of a small space. */
export const SMALL_MS = 400;
const MS_PER_LISTENER = 2;
const MOST_MS = 60_000;
/** Of the window, how much suffices for asking whether the server was away at all: it tells from memory. */
const FOR_ASKING = 1 / 20;

/** The window for one of so many. Those whom the others came to hear, or may soon, wait for no crowd. */
export function windowMs(listeners: number, isAwaited: boolean): number {
  if (isAwaited) return SMALL_MS;
  return Math.min(MOST_MS, Math.max(SMALL_MS, listeners * MS_PER_LISTENER));
}

/**
 * The window in which one asks, of a window of `windowMs`, whether one has lost the server alone.
 * Null where that takes no less time than coming back with all others.
 */
export function askingMs(windowMs: number): number | null {
  const ms = Math.max(SMALL_MS, windowMs * FOR_ASKING);
  return windowMs > 2 * ms ? ms : null;
}
