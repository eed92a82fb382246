/** Words that this device keeps for whoever wrote them, until they sign out: under which names, and how they go. */

/** What was begun to write; what one looked for; and what waits to be sent, as long as the page is open. */
export const DRAFTS = "convivium-drafts";
export const SEARCHES = "convivium-searches";
export const OUTBOX = "convivium-outbox";

const forgetting = new Set<() => void>();

/** Do `act` as well when all of it goes: for what a part of the page has in memory. */
export function whenForgotten(act: () => void): void {
  forgetting.add(act);
}

/** Whoever sits here next finds none of it. */
export function forgetWords(): void {
  for (const act of forgetting) act();
  try {
    for (const key of [DRAFTS, SEARCHES]) localStorage.removeItem(key);
    sessionStorage.removeItem(OUTBOX);
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}
