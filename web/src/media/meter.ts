/** How loud a stream is, for the light around faces. Nothing here is ever played. */

/** Decibels (full scale) that count as silence, and as full light. */
const QUIET_DB = -55;
const LOUD_DB = -12;
/** Enough of the past, in samples at 48 kHz, to hold a syllable: 21 ms. */
const WINDOW = 1_024;

let context: AudioContext | null = null;

/** Wake the meters; browsers want this inside a tap. Metering is an ornament: without it all else works. */
export function wakeMeters(): void {
  try {
    context ??= new AudioContext();
    void context.resume().catch(() => undefined);
  } catch {
    context = null;
  }
}

export class Meter {
  #analyser: AnalyserNode | null = null;
  #source: MediaStreamAudioSourceNode | null = null;
  readonly #samples = new Float32Array(WINDOW);

  /** Measure `stream` from now on; null measures nothing. */
  listenTo(stream: MediaStream | null): void {
    this.#source?.disconnect();
    this.#source = null;
    if (!context || !stream || stream.getAudioTracks().length === 0) return;
    this.#analyser ??= new AnalyserNode(context, { fftSize: WINDOW });
    this.#source = context.createMediaStreamSource(stream);
    this.#source.connect(this.#analyser);
  }

  /** Loudness now, from 0 (silent) to 1. */
  level(): number {
    if (!this.#analyser || !this.#source) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return levelOf(this.#samples);
  }
}

/** Loudness of float samples in [-1, 1], on a scale of decibels from 0 (silent) to 1 (full voice). */
export function levelOf(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  const decibels = 10 * Math.log10(power + 1e-12);
  return Math.min(1, Math.max(0, (decibels - QUIET_DB) / (LOUD_DB - QUIET_DB)));
}
