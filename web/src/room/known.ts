/** Who of those inside one knows, in words. */
import { counted, term } from "../ui/locale";

/** So many have a face and a name, the others are counted. */
export const MOST_KNOWN = 3;

/** The `names` of those who listen and whom one follows, and what is said after them. */
export function knownWords(names: string[]): { names: string; others: string } {
  const rest = names.length - MOST_KNOWN;
  const shown = names.slice(0, MOST_KNOWN);
  if (rest > 0) {
    const others = counted(rest, {
      one: " and # more you follow are listening",
      other: " and # more you follow are listening",
    });
    return { names: shown.join(term(", ")), others };
  }
  const last = shown.pop() ?? "";
  if (shown.length === 0) return { names: last, others: ", whom you follow, is listening" };
  return { names: `${shown.join(term(", "))} and ${last}`, others: ", whom you follow, are listening" };
}
