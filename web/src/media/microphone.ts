/**
 * The microphone: asked for when somebody takes a seat, never before, and given back when they leave it.
 */

import { pause } from "../pause";

/** Where this browser remembers how its microphone is to sound. */
const STORED_AS = "convivium.microphone";

/** After so long without an answer to the browser's question, whoever waits is told so. */
export const ANSWER_MS = 15_000;

export type MicrophoneTrouble = "denied" | "missing" | "in_use" | "unanswered" | "insecure";

/** Why there is none. The screens have the words for each. */
export class MicrophoneRefused extends Error {
  constructor(readonly trouble: MicrophoneTrouble) {
    super(trouble);
  }
}

export class Microphone {
  #stream: MediaStream | null = null;
  #music = false;
  /** Counts the questions, so that an answer to an older one is known as such. */
  #asked = 0;

  /** The track to send, or null while the microphone is not open. */
  get track(): MediaStreamTrack | null {
    return this.#stream?.getAudioTracks()[0] ?? null;
  }

  get stream(): MediaStream | null {
    return this.#stream;
  }

  /**
   * Ask for the microphone, once: an open one stays, if it is as `music` wants it. Starts silent, or goes on as
   * the one before. Throws `MicrophoneRefused`; one that was open stays so.
   */
  async open(music: boolean, unplugged: () => void): Promise<MediaStreamTrack> {
    if (this.track?.readyState === "live" && this.#music === music) return this.track;
    const asked = ++this.#asked;
    const stream = await ask(music);
    if (asked !== this.#asked) {
      // Closed meanwhile, or asked for anew: this one must not take the place of the newer.
      stop(stream);
      throw new MicrophoneRefused("in_use");
    }
    const track = stream.getAudioTracks()[0];
    if (!track) throw new MicrophoneRefused("missing");
    track.enabled = this.isLive;
    stop(this.#stream);
    track.onended = unplugged;
    this.#stream = stream;
    this.#music = music;
    return track;
  }

  /** Whether sound flows into the track. What others hear is decided by the server's gate besides. */
  get isLive(): boolean {
    return this.track?.enabled ?? false;
  }

  set isLive(live: boolean) {
    if (this.track) this.track.enabled = live;
  }

  /** Give the device back, so that the browser's recording sign goes out. */
  close(): void {
    this.#asked++;
    stop(this.#stream);
    this.#stream = null;
  }
}

function stop(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) {
    track.onended = null;
    track.stop();
  }
}

async function ask(music: boolean): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new MicrophoneRefused("insecure");
  const asked = navigator.mediaDevices.getUserMedia({ audio: constraints(music), video: false });
  const waiting = new AbortController();
  try {
    const stream = await Promise.race([asked, pause(ANSWER_MS, waiting.signal)]);
    if (stream) return stream;
  } catch (error) {
    throw new MicrophoneRefused(troubleOf(error));
  } finally {
    waiting.abort();
  }
  // Nobody waits for it any more; the next question is answered at once.
  asked.then(stop, () => undefined);
  throw new MicrophoneRefused("unanswered");
}

/** Music is sent as it is: what cleans a voice takes it for noise. */
function constraints(music: boolean): MediaTrackConstraints {
  const clean = !music && !hasOriginalSound();
  const channelCount = music ? 2 : 1;
  return { echoCancellation: clean, noiseSuppression: clean, autoGainControl: clean, channelCount };
}

function troubleOf(error: unknown): MicrophoneTrouble {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  if (name === "NotReadableError" || name === "AbortError") return "in_use";
  return "denied";
}

/** Whether this browser sends its microphone as it is, for music and good rooms. */
export function hasOriginalSound(): boolean {
  try {
    const stored = JSON.parse(localStorage.getItem(STORED_AS) ?? "{}") as { processing?: string };
    return stored.processing === "off";
  } catch {
    // Storage may be closed or hold something foreign: the usual cleaning is the safe choice.
    return false;
  }
}

export function setOriginalSound(on: boolean): void {
  try {
    localStorage.setItem(STORED_AS, JSON.stringify({ processing: on ? "off" : "on" }));
  } catch {
    // A browser that stores nothing uses the setting for this page only, as far as it goes.
  }
}
