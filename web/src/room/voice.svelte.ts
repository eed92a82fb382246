/** One's own voice in a room: the microphone, and whether sound may leave it. */
import type { Seat } from "../api/types";
import { Meter } from "../media/meter";
import { Microphone, MicrophoneRefused, type MicrophoneTrouble } from "../media/microphone";

export type VoiceState = "off" | "asking" | "ready" | "unplugged" | MicrophoneTrouble;

export class Voice {
  state: VoiceState = $state("off");
  /**
   * Whether this person has opened the microphone here. Sound leaves only while this and the server's state
   * agree, so that neither a late event nor a reload opens a microphone that was shut.
   */
  isOpen = $state(false);
  /** Whether only its owner hears the microphone: it is open, and nothing of it leaves this page. */
  isAlone = $state(false);
  /** Counts the seats one had, so that an answer to an older question is known as such. */
  #seats = 0;
  #asking: Promise<boolean> | null = null;
  #isSent = false;
  #music = false;
  readonly #microphone = new Microphone();
  readonly #meter = new Meter();
  readonly #send: (track: MediaStreamTrack | null) => Promise<void>;

  constructor(send: (track: MediaStreamTrack | null) => Promise<void>) {
    this.#send = send;
  }

  get level(): number {
    return this.#meter.level();
  }

  /** Ask for the microphone; it starts silent. True when it is there, else `state` says why it is not. */
  async prepare(): Promise<boolean> {
    if (!(await this.#opened())) return false;
    if (this.#isSent) return true;
    // What was said while nobody listened stays here.
    this.#microphone.isLive = false;
    this.isAlone = false;
    this.#isSent = true;
    await this.#send(this.#microphone.track);
    return this.state === "ready";
  }

  /** Open the microphone for its owner alone, to see whether it hears. */
  async check(): Promise<boolean> {
    if (this.state === "ready") return true;
    if (!(await this.#opened())) return false;
    // One came up, or got ready, meanwhile: the server hears it, and it stays as shut as that left it.
    if (this.#isSent) return true;
    this.isAlone = true;
    this.#microphone.isLive = true;
    return true;
  }

  /** Let sound out towards the server, which lets it through from the moment one is up. */
  async hold(): Promise<boolean> {
    if (!(await this.prepare())) return false;
    this.isOpen = true;
    this.#microphone.isLive = true;
    return true;
  }

  #opened(): Promise<boolean> {
    if (this.state === "ready") return Promise.resolve(true);
    this.#asking ??= this.#ask();
    return this.#asking;
  }

  /** Send what the microphone hears as it is, in stereo, or cleaned as a voice. An open one is asked for anew. */
  setMusic(music: boolean): void {
    if (this.#music === music) return;
    this.#music = music;
    if (this.state === "ready") void this.#askAnew();
  }

  async #askAnew(): Promise<void> {
    const [seat, music] = [this.#seats, this.#music];
    try {
      const track = await this.#microphone.open(music, () => this.#unplugged());
      if (seat !== this.#seats) return;
      // Whoever tries it alone goes on alone.
      if (this.#isSent) await this.#send(track);
      this.#meter.listenTo(this.#microphone.stream);
    } catch {
      // The one that is open goes on: better a voice that is cleaned than none.
    }
    if (music !== this.#music && seat === this.#seats) await this.#askAnew();
  }

  async #ask(): Promise<boolean> {
    this.state = "asking";
    const [seat, music] = [this.#seats, this.#music];
    let outcome: VoiceState = "ready";
    try {
      await this.#microphone.open(music, () => this.#unplugged());
    } catch (error) {
      outcome = error instanceof MicrophoneRefused ? error.trouble : "in_use";
    }
    // The seat was gone before the question was answered, and the microphone was closed with it.
    if (seat !== this.#seats) return false;
    this.#asking = null;
    this.state = outcome;
    this.#meter.listenTo(this.#microphone.stream);
    if (outcome === "ready" && music !== this.#music) await this.#askAnew();
    return outcome === "ready";
  }

  /** Let sound out as far as `seat` and this person allow. True when somebody else just shut it. */
  follow(seat: Seat): boolean {
    const wasShut = seat.muted && this.isOpen && this.#microphone.isLive;
    if (wasShut) this.isOpen = false;
    this.#microphone.isLive = this.isOpen && !seat.muted;
    return wasShut;
  }

  shut(): void {
    this.isOpen = false;
    this.#microphone.isLive = this.isAlone;
  }

  /** The seat is gone: give the microphone back. */
  putAway(): void {
    this.isAlone = false;
    this.shut();
    this.state = "off";
    this.#seats++;
    this.#asking = null;
    this.#giveBack();
  }

  #giveBack(): void {
    this.#meter.listenTo(null);
    this.#microphone.close();
    this.#isSent = false;
    void this.#send(null);
  }

  #unplugged(): void {
    this.putAway();
    this.state = "unplugged";
  }
}
