/**
 * Who spoke a moment ago still speaks, as far as words go: a voice pauses between syllables and for breath, and
 * words that follow every pause are read by nobody. Light does its own waiting, a shorter one (ui/Pebble.svelte).
 */

/** Longer than a breath in the middle of a sentence, shorter than the silence after its end. */
export const HOLD_MS = 1_500;

export class Hold {
  readonly #changed: (ids: readonly string[]) => void;
  #held: readonly string[] = [];
  /** Those who are silent now, and when they stop being held. */
  readonly #ends = new Map<string, ReturnType<typeof setTimeout>>();

  /** `changed` is told who is held, each time that is somebody else. */
  constructor(changed: (ids: readonly string[]) => void) {
    this.#changed = changed;
  }

  /** Only `ids` speak from now on. */
  see(ids: readonly string[]): void {
    for (const id of ids) this.#forgetEnd(id);
    for (const id of this.#held) {
      if (!ids.includes(id)) this.#letGoSoon(id);
    }
    const arrived = ids.filter((id) => !this.#held.includes(id));
    if (arrived.length > 0) this.#turn(arrived);
  }

  /** Others begin: whoever had paused has given them the turn. */
  #turn(arrived: readonly string[]): void {
    const going = this.#held.filter((id) => !this.#ends.has(id));
    for (const id of this.#ends.keys()) this.#forgetEnd(id);
    this.#hold([...going, ...arrived]);
  }

  /** Let go of everybody at once. */
  end(): void {
    for (const id of this.#ends.keys()) this.#forgetEnd(id);
    if (this.#held.length > 0) this.#hold([]);
  }

  #forgetEnd(id: string): void {
    clearTimeout(this.#ends.get(id));
    this.#ends.delete(id);
  }

  #letGoSoon(id: string): void {
    if (this.#ends.has(id)) return;
    const end = () => {
      this.#ends.delete(id);
      this.#hold(this.#held.filter((other) => other !== id));
    };
    this.#ends.set(id, setTimeout(end, HOLD_MS));
  }

  #hold(ids: readonly string[]): void {
    this.#held = ids;
    this.#changed(ids);
  }
}
