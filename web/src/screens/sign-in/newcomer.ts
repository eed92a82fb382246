/** Who comes from a provider and has no account here yet, on the way from there to the fields for one. */
import type { Newcomer } from "../../api/types";

const HASH = "convivium-door";

let newcomer: Newcomer | null = null;

export function introduce(who: Newcomer): void {
  newcomer = who;
}

/** Who has just come, once. */
export function introduced(): Newcomer | null {
  const who = newcomer;
  newcomer = null;
  return who;
}

/** Keep what a link brought behind its `#` while one is elsewhere: an invitation is in it. */
export function keepHash(): void {
  try {
    sessionStorage.setItem(HASH, location.hash);
  } catch {
    // It can be typed again.
  }
}

/** What was kept, once. */
export function keptHash(): string {
  try {
    const hash = sessionStorage.getItem(HASH) ?? "";
    sessionStorage.removeItem(HASH);
    return hash;
  } catch {
    return "";
  }
}
