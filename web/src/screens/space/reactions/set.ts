/** The reactions there are: with skin tones where there is skin, and with names for ears. Pure. */
import { number, term } from "../../../ui/locale";

export const SET = ["👏", "❤️", "😂", "😮", "🙏", "🔥"] as const;
export type Reaction = (typeof SET)[number];

export const NAMES: Record<Reaction, string> = {
  "👏": "Applause",
  "❤️": "Heart",
  "😂": "Laughter",
  "😮": "Wonder",
  "🙏": "Thanks",
  "🔥": "Fire",
};

/** The same within a sentence. */
const SAID: Record<Reaction, string> = {
  "👏": term("applause"),
  "❤️": term("heart"),
  "😂": term("laughter"),
  "😮": term("wonder"),
  "🙏": term("thanks"),
  "🔥": term("fire"),
};

/** What stands behind a hand; the first leaves it as it is. */
export const TONES = ["", "🏻", "🏼", "🏽", "🏾", "🏿"] as const;
export const TONE_NAMES = ["Lamp light", "Light", "Medium light", "Medium", "Medium dark", "Dark"] as const;

const HANDS: readonly Reaction[] = ["👏", "🙏"];

/** How often each was given, as the server tells it. */
export type Sums = Record<string, number | undefined>;

/** `reaction` as it is sent, in the tone with this number. */
export function toned(reaction: Reaction, tone: number): string {
  return HANDS.includes(reaction) ? reaction + (TONES[tone] ?? "") : reaction;
}

/** What is drawn for something that was sent; null for what a newer server may know. */
export function partsOf(emoji: string): { reaction: Reaction; tone: number } | null {
  const reaction = SET.find((one) => emoji.startsWith(one));
  const tone = reaction ? TONES.findIndex((one) => reaction + one === emoji) : -1;
  return reaction && tone >= 0 ? { reaction, tone } : null;
}

/** "12 × applause, 3 × heart", those given most first. */
export function inWords(counts: ReadonlyMap<Reaction, number>): string {
  return mostFirst(counts)
    .map(([reaction, count]) => `${number(count)} × ${SAID[reaction]}`)
    .join(term(", "));
}

export function mostFirst(counts: ReadonlyMap<Reaction, number>): [Reaction, number][] {
  return [...counts].sort(([, one], [, other]) => other - one);
}
