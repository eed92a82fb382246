/** A voice note as it is drawn: one bar for each phrase, never a waveform. Pure. */

/** From where to where one talks, as shares of the whole note. */
export interface Phrase {
  readonly from: number;
  readonly to: number;
}

/** What is softer than this is a pause; 0 to 255. */
const QUIET = 70;
/** A pause that is no longer than this share of the note parts no phrases. */
const BREATH = 0.02;

/** Where in a note somebody talks, by how loud each of its parts is. */
export function phrasesOf(levels: readonly number[]): Phrase[] {
  const phrases: { from: number; to: number }[] = [];
  levels.forEach((level, at) => {
    if (level < QUIET) return;
    const [from, to] = [at / levels.length, (at + 1) / levels.length];
    const last = phrases.at(-1);
    if (last && from - last.to <= BREATH) last.to = to;
    else phrases.push({ from, to });
  });
  return phrases;
}

/** How much of a phrase is behind one: 0 to 1. */
export function shareBehind({ from, to }: Phrase, place: number): number {
  return Math.min(1, Math.max(0, (place - from) / (to - from)));
}

/** As many levels as are drawn, each the loudest of its part. */
export function gathered(levels: readonly number[], wanted: number): number[] {
  const size = levels.length / wanted;
  return Array.from({ length: wanted }, (_, at) => {
    const first = Math.floor(at * size);
    return Math.max(0, ...levels.slice(first, Math.max(first + 1, Math.floor((at + 1) * size))));
  });
}
