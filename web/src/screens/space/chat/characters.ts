/** Length as people see it: a family is one character, whatever it is made of (UAX 29). */
import { counted } from "../../../ui/locale";

export const LINE_MAX = 280;

const segmenter = "Segmenter" in Intl ? new Intl.Segmenter() : null;

export function characters(text: string): number {
  // A browser too old for it counts code points, which are never fewer: nothing is refused by the server then.
  return [...(segmenter?.segment(text) ?? text)].length;
}

/** What to say about a text that may be too long; nothing as long as there is room. */
export function lengthWords(text: string, most = LINE_MAX): string | undefined {
  const left = most - characters(text);
  if (left < 0) return counted(-left, { one: "# character too long.", other: "# characters too long." });
  return left <= 40 ? counted(left, { one: "# left", other: "# left" }) : undefined;
}
