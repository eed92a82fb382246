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
  /** Counts the seats one had, so that an answer to an older question is known as such. */
  #seats = 0;
  #asking: Promise<boolean> | null = null;
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
  prepare(): Promise<boolean> {
    if (this.state === "ready") return Promise.resolve(true);
    this.#asking ??= this.#ask();
    return this.#asking;
  }

  async #ask(): Promise<boolean> {
    this.state = "asking";
    const seat = this.#seats;
    let outcome: VoiceState = "ready";
    try {
      const track = await this.#microphone.open(() => this.#unplugged());
      await this.#send(track);
    } catch (error) {
      outcome = error instanceof MicrophoneRefused ? error.trouble : "in_use";
    }
    if (seat !== this.#seats) {
      // The seat was gone before the question was answered.
      this.#giveBack();
      return false;
    }
    this.#asking = null;
    this.state = outcome;
    this.#meter.listenTo(this.#microphone.stream);
    return outcome === "ready";
  }

  /** Let sound out as far as `seat` and this person allow. True when somebody else just shut it. */
  follow(seat: Seat): boolean {
    const wasShut = seat.muted && this.#microphone.isLive;
    if (wasShut) this.isOpen = false;
    this.#microphone.isLive = this.isOpen && !seat.muted;
    return wasShut;
  }

  shut(): void {
    this.isOpen = false;
    this.#microphone.isLive = false;
  }

  /** The seat is gone: give the microphone back. */
  putAway(): void {
    this.shut();
    this.state = "off";
    this.#seats++;
    this.#asking = null;
    this.#giveBack();
  }

  #giveBack(): void {
    this.#meter.listenTo(null);
    this.#microphone.close();
    void this.#send(null);
  }

  #unplugged(): void {
    this.putAway();
    this.state = "unplugged";
  }
}
