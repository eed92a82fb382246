/**
 * The microphone: asked for when somebody takes a seat, never before, and given back when they leave it.
 */

/** Where this browser remembers how its microphone is to sound. */
const STORED_AS = "convivium.microphone";

export type MicrophoneTrouble = "denied" | "missing" | "in_use" | "insecure";

export class MicrophoneRefused extends Error {
  constructor(readonly trouble: MicrophoneTrouble) {
    super(WORDS[trouble]);
    this.name = "MicrophoneRefused";
  }
}

const WORDS: Record<MicrophoneTrouble, string> = {
  denied: "This page may not use your microphone. Allow it in the address bar, then try again.",
  missing: "No microphone was found. Plug one in or switch it on, then try again.",
  in_use: "Another program holds your microphone. Close that program, then try again.",
  insecure: "Browsers give a microphone to https pages only. Ask whoever runs this server to switch it on.",
};

export class Microphone {
  #stream: MediaStream | null = null;
  #music = false;

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
    const stream = await ask(music);
    const track = stream.getAudioTracks()[0];
    if (!track) throw new MicrophoneRefused("missing");
    track.enabled = this.isLive;
    this.close();
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
    for (const track of this.#stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.#stream = null;
  }
}

async function ask(music: boolean): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new MicrophoneRefused("insecure");
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: constraints(music), video: false });
  } catch (error) {
    throw new MicrophoneRefused(troubleOf(error));
  }
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
