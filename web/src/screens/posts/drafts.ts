/** What somebody has begun to write: kept on this device until it is sent, whatever happens to the page. */
import { DRAFTS } from "../../kept";

/** The oldest beyond these go. */
const MOST = 20;

interface Draft {
  /** Id of who writes. */
  who: string;
  /** What it hangs on: "new", or what is done with which post. */
  to: string;
  text: string;
}

/** What `who` has begun to write there; empty where nothing is. */
export function draftOf(who: string, to: string): string {
  return read().find((draft) => draft.who === who && draft.to === to)?.text ?? "";
}

/** Keep what `who` writes there; an empty text is forgotten. */
export function keepDraft(who: string, to: string, text: string): void {
  const others = read().filter((draft) => draft.who !== who || draft.to !== to);
  const kept = text.trim() ? [...others, { who, to, text }] : others;
  try {
    if (kept.length > 0) localStorage.setItem(DRAFTS, JSON.stringify(kept.slice(-MOST)));
    else localStorage.removeItem(DRAFTS);
  } catch {
    // A browser that keeps nothing, or is full: the words are still on the page.
  }
}

function read(): Draft[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(DRAFTS) ?? "[]");
    return Array.isArray(found) ? found.filter(isDraft) : [];
  } catch {
    return [];
  }
}

function isDraft(found: Partial<Draft> | null): found is Draft {
  return [found?.who, found?.to, found?.text].every((part) => typeof part === "string");
}
