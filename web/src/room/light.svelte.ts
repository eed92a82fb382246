/** The light on whoever speaks: who it is goes through Svelte, how loud goes straight to the page. */

import type { Seat } from "../api/types";
import { Meter } from "../media/meter";
import { followVoices } from "../media/voices";
import { glow } from "../ui/glow";
import { Hold } from "./hold";

export interface LightSource {
  receiver(): RTCRtpReceiver | null;
  stage(): Seat[];
  /** One's own seat and loudness while one is heard; the mix one gets leaves oneself out. */
  own(): { seat: Seat; level: number } | null;
}

export class Light {
  /** Ids of the people who speak right now. */
  lit: string[] = $state.raw([]);
  /** The same for words: whoever pauses for a moment is still among them. */
  held: readonly string[] = $state.raw([]);
  readonly #from: LightSource;
  readonly #mix = new Meter();
  readonly #hold = new Hold((ids) => {
    this.held = ids;
  });
  #stop: (() => void) | null = null;

  constructor(from: LightSource) {
    this.#from = from;
  }

  /** Measure the loudness of `stream`, the mix. */
  listenTo(stream: MediaStream | null): void {
    this.#mix.listenTo(stream);
  }

  /** Keep lighting who speaks until `out`. */
  follow(): void {
    this.#stop ??= followVoices(
      {
        receiver: this.#from.receiver,
        level: () => this.#mix.level(),
        own: () => {
          const own = this.#from.own();
          return own && { source: own.seat.source, level: own.level };
        },
      },
      {
        speaking: (sources) => {
          this.lit = sources.flatMap((source) => this.#personAt(source) ?? []);
          this.#hold.see(this.lit);
        },
        level: (source, level) => {
          const person = this.#personAt(source);
          if (person) glow(document.body, person, level);
        },
      },
    );
  }

  out(): void {
    this.#stop?.();
    this.#stop = null;
    this.#mix.listenTo(null);
    this.lit = [];
    this.#hold.end();
  }

  #personAt(source: number): string | null {
    return this.#from.stage().find((seat) => seat.source === source)?.person.id ?? null;
  }
}
