/**
 * The one place where sound comes out: a single `<audio>` element for the whole life of the page.
 *
 * It is made and played inside the tap on "Start listening", which is the permission browsers ask for; later
 * calls only change what flows into it. Phones silence elements that were made while the page was hidden.
 */

export type PlaybackState = "playing" | "paused" | "needs_tap";

export class Playback {
  readonly #changed: (state: PlaybackState) => void;
  #element: HTMLAudioElement | null = null;

  constructor(changed: (state: PlaybackState) => void) {
    this.#changed = changed;
  }

  /** The stream that plays now, for the meter. */
  get stream(): MediaStream | null {
    return (this.#element?.srcObject as MediaStream | null) ?? null;
  }

  /** Play what `receiver` receives, from now on. */
  play(receiver: RTCRtpReceiver): void {
    this.#element ??= newElement();
    this.#element.srcObject = new MediaStream([receiver.track]);
    this.resume();
  }

  /** Go on, or try once more inside a tap. */
  resume(): void {
    const element = this.#element;
    element?.play().then(
      () => this.#changed("playing"),
      (error: unknown) => {
        // An interrupted play is followed by another one; only a refusal needs the person.
        if (error instanceof DOMException && error.name === "NotAllowedError") this.#changed("needs_tap");
      },
    );
  }

  pause(): void {
    this.#element?.pause();
    this.#changed("paused");
  }

  /** How loud everything is, 0..1. Some phones know only loud and silent. */
  setGain(gain: number): void {
    if (!this.#element) return;
    this.#element.volume = gain;
    this.#element.muted = gain === 0;
  }

  stop(): void {
    this.#element?.pause();
    if (this.#element) this.#element.srcObject = null;
  }
}

function newElement(): HTMLAudioElement {
  const element = document.createElement("audio");
  element.autoplay = true;
  element.hidden = true;
  document.body.append(element);
  return element;
}
