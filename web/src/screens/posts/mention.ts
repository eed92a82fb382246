/** Completing a name that one begins to write after an @, or a hashtag after a #. Pure. */
import type { Person } from "../../api/types";

/** So many are offered at once. */
export const OFFERED = 5;
/** What stands before the caret: the sign that begins it, and what there is of it. */
const BEGUN = /(?<![\w@/.#])(?:@[A-Za-z0-9_]{0,30}|#[\p{L}\p{M}\p{N}_]{1,50})$/u;

export interface Begun {
  readonly sign: "@" | "#";
  readonly word: string;
}

/** The beginning of a name or a hashtag right before `caret`, or null. */
export function begunAt(text: string, caret: number): Begun | null {
  const found = BEGUN.exec(text.slice(0, caret))?.[0];
  return found ? { sign: found[0] as Begun["sign"], word: found.slice(1) } : null;
}

/** Whom `begun` may mean: their handle or one of their names begins so. */
export function meant(people: readonly Person[], begun: string): Person[] {
  const wanted = begun.toLowerCase();
  const fits = ({ name, display_name }: Person) =>
    [name ?? "", ...display_name.split(/\s+/)].some((part) => part.toLowerCase().startsWith(wanted));
  return people.filter(fits).slice(0, OFFERED);
}

/** `text` with what is begun before `caret` written out, and where the caret is then. */
export function completed(text: string, caret: number, word: string): { text: string; caret: number } {
  const before = text.slice(0, caret).replace(BEGUN, (begun) => `${begun[0]}${word} `);
  return { text: before + text.slice(caret).replace(/^ /, ""), caret: before.length };
}
