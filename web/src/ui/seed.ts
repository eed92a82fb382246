/** Stable chance: the same id gives the same shape, drawing and cloth in every browser and on every day. */

/** Hash a text to 32 bits: FNV-1a, then the final mixing of MurmurHash3 so that neighbouring ids part. */
export function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}

/** A stream of numbers in [0, 1) that begins at a text (mulberry32). */
export function dice(text: string): () => number {
  let state = hash(text);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Choose one of a list; throws if there is nothing to choose from. */
export function pick<T>(roll: () => number, list: readonly T[]): T {
  const index = Math.floor(roll() * list.length);
  if (!(index in list)) throw new RangeError("An empty list has nothing to choose from.");
  return list[index] as T;
}

/** The `border-radius` of a person's pebble: four corners that always add up to whole edges. */
export function pebbleRadius(id: string): string {
  const roll = dice(`pebble ${id}`);
  const part = () => Math.round(40 + 22 * apart(roll()));
  const [a, b, c, d] = [part(), part(), part(), part()];
  return `${a}% ${100 - a}% ${b}% ${100 - b}% / ${c}% ${d}% ${100 - d}% ${100 - c}%`;
}

/** Push a number in [0, 1) away from the middle: an even spread would make most pebbles round. */
function apart(value: number): number {
  return value < 0.5 ? 2 * value ** 2 : 1 - 2 * (1 - value) ** 2;
}
