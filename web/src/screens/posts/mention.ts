/** Completing a name that one begins to write after an @. Pure. */
import type { Person } from "../../api/types";

/** So many are offered at once. */
const OFFERED = 5;
/** What stands before the caret: an @ that begins a name, and what there is of it. */
const BEGUN = /(?<![\w@/.#])@([A-Za-z0-9_]{0,30})$/;

/** The beginning of a name right before `caret`, or null. */
export function begunAt(text: string, caret: number): string | null {
  return BEGUN.exec(text.slice(0, caret))?.[1] ?? null;
}

/** Whom `begun` may mean: their handle or one of their names begins so. */
export function meant(people: readonly Person[], begun: string): Person[] {
  const wanted = begun.toLowerCase();
  const fits = ({ name, display_name }: Person) =>
    [name ?? "", ...display_name.split(/\s+/)].some((part) => part.toLowerCase().startsWith(wanted));
  return people.filter(fits).slice(0, OFFERED);
}

/** `text` with the name begun before `caret` written out, and where the caret is then. */
export function completed(text: string, caret: number, name: string): { text: string; caret: number } {
  const before = text.slice(0, caret).replace(BEGUN, `@${name} `);
  return { text: before + text.slice(caret).replace(/^ /, ""), caret: before.length };
}
