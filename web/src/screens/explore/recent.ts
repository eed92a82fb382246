/** What somebody looked for last: kept on this device alone, until it is cleared. */
import { SEARCHES } from "../../kept";

const MOST = 8;
/** All that one device keeps, whoever used it. */
const MOST_IN_ALL = 40;

interface Search {
  /** Id of who looked; empty without an account. */
  who: string;
  words: string;
}

/** What `who` looked for, the last first. */
export const recentOf = (who: string): string[] =>
  read()
    .filter((search) => search.who === who)
    .map(({ words }) => words);

/** Keep what `who` looked for; what they looked for before comes up again. */
export function keepRecent(who: string, words: string): void {
  const all = read();
  const own = all.filter((search) => search.who === who && search.words !== words);
  const others = all.filter((search) => search.who !== who);
  write([{ who, words }, ...own.slice(0, MOST - 1), ...others].slice(0, MOST_IN_ALL));
}

export function clearRecent(who: string): void {
  write(read().filter((search) => search.who !== who));
}

function write(searches: Search[]): void {
  try {
    if (searches.length > 0) localStorage.setItem(SEARCHES, JSON.stringify(searches));
    else localStorage.removeItem(SEARCHES);
  } catch {
    // A browser that keeps nothing, or is full: one types it again.
  }
}

function read(): Search[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(SEARCHES) ?? "[]");
    return Array.isArray(found) ? found.filter(isSearch) : [];
  } catch {
    return [];
  }
}

const isSearch = (value: unknown): value is Search =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as Search).who === "string" &&
  typeof (value as Search).words === "string";
