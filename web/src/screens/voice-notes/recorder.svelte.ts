/** Records one's own voice for a post: the microphone is asked for with the button, and given back with it. */
import { Meter, wakeMeters } from "../../media/meter";
import { Microphone, MicrophoneRefused, type MicrophoneTrouble } from "../../media/microphone";
import { call } from "../../room/current.svelte";
import { gathered } from "./phrases";

/** The longest note, in milliseconds. */
export const LONGEST_MS = 140_000;
/** Shorter is a slip of the finger. */
const SHORTEST_MS = 500;
/** Enough for a voice, and a third of what the server takes. */
const BITS_PER_S = 48_000;
/** What comes in pieces is not lost when a recorder breaks. */
const PIECE_MS = 1_000;
const LOOK_MS = 90;
const LEVELS = 64;
/** What browsers record, the smallest first. */
const KINDS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];

export type RecorderTrouble = MicrophoneTrouble | "unplugged" | "on_air" | "no_recorder" | "too_short";

/** What was said, and not posted yet. */
export interface Spoken {
  readonly blob: Blob;
  /** Where it can be heard on this page. */
  readonly url: string;
  readonly durationMs: number;
  readonly levels: number[];
}

export class Recorder {
  state: "idle" | "asking" | "recording" = $state("idle");
  trouble: RecorderTrouble | "" = $state("");
  elapsedMs = $state(0);
  /** How loud one is now: 0 to 1. */
  level = $state(0);
  readonly #done: (spoken: Spoken) => void;
  readonly #microphone = new Microphone();
  readonly #meter = new Meter();
  #media: MediaRecorder | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(done: (spoken: Spoken) => void) {
    this.#done = done;
  }

  /** Ask for the microphone, and record. Has to run inside the tap. */
  async start(): Promise<void> {
    if (this.state !== "idle") return;
    this.trouble = "";
    this.elapsedMs = 0;
    if (call.room?.voice.isOpen) this.trouble = "on_air";
    else if (!kindOf()) this.trouble = "no_recorder";
    if (this.trouble) return;
    wakeMeters();
    this.state = "asking";
    try {
      const track = await this.#microphone.open(false, () => this.#end("unplugged"));
      track.enabled = true;
      this.#record(new MediaStream([track]));
    } catch (error) {
      this.#giveBack();
      // Whoever went away meanwhile is told nothing.
      if (this.state === "asking")
        this.trouble = error instanceof MicrophoneRefused ? error.trouble : "in_use";
      this.state = "idle";
    }
  }

  /** It is said: what there is of it is handed over. */
  stop(): void {
    if (this.#media?.state === "recording") this.#media.stop();
  }

  /** Give the microphone back, and forget what was being said. */
  leave(): void {
    if (this.#media) this.#media.onstop = null;
    this.stop();
    this.#giveBack();
    this.state = "idle";
  }

  #record(stream: MediaStream): void {
    const media = new MediaRecorder(stream, { mimeType: kindOf(), audioBitsPerSecond: BITS_PER_S });
    const [pieces, levels]: [Blob[], number[]] = [[], []];
    const began = performance.now();
    media.ondataavailable = ({ data }) => pieces.push(data);
    media.onstop = () =>
      this.#recorded(new Blob(pieces, { type: media.mimeType }), performance.now() - began, levels);
    this.#media = media;
    this.#meter.listenTo(stream);
    media.start(PIECE_MS);
    this.state = "recording";
    this.#timer = setInterval(() => {
      this.elapsedMs = performance.now() - began;
      this.level = this.#meter.level();
      levels.push(Math.round(255 * this.level));
      // Whoever begins to be heard in a space says that there, and not here.
      if (this.elapsedMs >= LONGEST_MS || call.room?.voice.isOpen) this.stop();
    }, LOOK_MS);
  }

  #recorded(blob: Blob, durationMs: number, levels: number[]): void {
    this.#giveBack();
    this.state = "idle";
    if (durationMs < SHORTEST_MS || blob.size === 0) this.trouble = "too_short";
    else this.#done({ blob, url: URL.createObjectURL(blob), durationMs, levels: gathered(levels, LEVELS) });
  }

  /** The microphone went: what was said until then is kept. */
  #end(trouble: RecorderTrouble): void {
    this.trouble = trouble;
    this.stop();
  }

  #giveBack(): void {
    clearInterval(this.#timer);
    this.level = 0;
    this.#meter.listenTo(null);
    this.#microphone.close();
    this.#media = null;
  }
}

function kindOf(): string {
  if (typeof MediaRecorder === "undefined") return "";
  return KINDS.find((kind) => MediaRecorder.isTypeSupported(kind)) ?? "";
}
