/** A part of a screen that is fetched when it is first shown; what did not come is asked for again. */

export class Part<Loaded> {
  /** Counts how often it was asked for: whoever shows it follows. */
  #turn = $state(0);
  #asked: Promise<Loaded> | null = null;
  #here: Loaded | null = null;
  #isMissing = false;
  readonly #load: () => Promise<Loaded>;

  constructor(load: () => Promise<Loaded>) {
    this.#load = load;
  }

  /** The part itself once it is here: it is shown at once then, so that a pebble can travel to it. */
  get asked(): Promise<Loaded> | Loaded {
    void this.#turn;
    this.#asked ??= this.#ask();
    return this.#here ?? this.#asked;
  }

  /** Ask once more, where it did not come. */
  again(): void {
    if (!this.#isMissing) return;
    this.#isMissing = false;
    this.#asked = null;
    this.#turn++;
  }

  #ask(): Promise<Loaded> {
    const asked = this.#load();
    asked.then(
      (loaded) => {
        this.#here = loaded;
      },
      () => {
        this.#isMissing = true;
        addEventListener("online", () => this.again(), { once: true });
      },
    );
    return asked;
  }
}
