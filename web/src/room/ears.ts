/**
 * How loud one wants to hear whom: "mute for me" and "volume for me" (docs/decisions/0024-muting-a-voice-for-oneself.md).
 *
 * Everybody gets one mix, so a single voice cannot be taken out of it here. While only voices are heard that one
 * wants softer, the whole mix is turned down; as soon as somebody else speaks too, it is as loud as ever.
 */

/** Browsers keep sources for 10 s; what was played within this is heard now. */
const HEARD_MS = 120;
/** Faster than a syllable. A timer and no animation frame: it has to work with the page in the background. */
const EVERY_MS = 50;
const STORE = "convivium.volumes";
/** So many people's volumes are kept, the latest. */
const KEPT = 200;

export interface EarsSource {
  receiver(): RTCRtpReceiver | null;
  /** Whose voice a source is; null for nobody known. */
  personAt(source: number): string | null;
  /** Whether one does not want to hear somebody at all. */
  isMuted(person: string): boolean;
  /** Set the loudness of everything that is heard, 0..1. */
  setGain(gain: number): void;
}

/** How loud the mix is to be while these are heard in it; `before` while nobody is. */
export function gainFor(wanted: number[], before: number): number {
  return wanted.length === 0 ? before : Math.max(...wanted);
}

export class Ears {
  readonly #from: EarsSource;
  #timer: ReturnType<typeof setInterval> | null = null;
  #gain = 1;

  constructor(from: EarsSource) {
    this.#from = from;
  }

  follow(): void {
    this.#timer ??= setInterval(() => this.#listen(), EVERY_MS);
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    this.#set(1);
  }

  #listen(): void {
    const now = performance.timeOrigin + performance.now();
    const sources = this.#from.receiver()?.getContributingSources() ?? [];
    const heard = sources.filter(({ timestamp }) => now - timestamp < HEARD_MS);
    this.#set(
      gainFor(
        heard.map(({ source }) => this.#wanted(source)),
        this.#gain,
      ),
    );
  }

  #wanted(source: number): number {
    const person = this.#from.personAt(source);
    if (person === null) return 1;
    return this.#from.isMuted(person) ? 0 : volumeOf(person);
  }

  #set(gain: number): void {
    if (gain === this.#gain) return;
    this.#gain = gain;
    this.#from.setGain(gain);
  }
}

let volumes: Record<string, number> | null = null;

/** How loud one wants to hear somebody, 0..1, on this device. */
export function volumeOf(person: string): number {
  volumes ??= stored();
  return volumes[person] ?? 1;
}

export function setVolume(person: string, volume: number): void {
  const { [person]: _, ...others } = volumes ?? stored();
  const kept = Object.entries(volume < 1 ? { ...others, [person]: Math.max(0, volume) } : others);
  volumes = Object.fromEntries(kept.slice(-KEPT));
  try {
    localStorage.setItem(STORE, JSON.stringify(volumes));
  } catch {
    // Without a store it holds until the page is closed.
  }
}

function stored(): Record<string, number> {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(STORE) ?? "{}");
    const entries = Object.entries(found ?? {}).filter(([, volume]) => typeof volume === "number");
    return Object.fromEntries(entries) as Record<string, number>;
  } catch {
    return {};
  }
}
