/**
 * What plays voice notes: one element for the whole page, so that only one is heard at a time.
 *
 * It stands beside the sound of a room (media/playback.ts), which comes first: whoever goes into a space stops it,
 * and inside a space a note is played softly.
 */
import { call } from "../../room/current.svelte";

export const SPEEDS = [1, 1.5, 2] as const;
/** How loud a note is beside people who talk now. */
const BESIDE_A_ROOM = 0.4;

class Player {
  /** Address of the note that is in it, playing or not; empty before the first. */
  address = $state("");
  isPlaying = $state(false);
  /** Whether sound was asked for and is not there yet. */
  isWaiting = $state(false);
  /** Where it is, in seconds. */
  place = $state(0);
  speed: (typeof SPEEDS)[number] = $state(1);
  /** The note that could not be played. */
  failed = $state("");
  #element: HTMLAudioElement | null = null;

  /** Where a note is: nowhere, unless it is the one in here. */
  placeOf(address: string): number {
    return this.address === address ? this.place : 0;
  }

  isOn(address: string): boolean {
    return this.isPlaying && this.address === address;
  }

  /** Play a note from a place (seconds), which stops whichever plays. Has to run inside the tap. */
  async play(address: string, place = this.placeOf(address)): Promise<void> {
    const element = this.#load(address);
    this.failed = "";
    element.volume = call.room ? BESIDE_A_ROOM : 1;
    this.seek(address, place);
    this.isWaiting = true;
    try {
      await element.play();
    } catch (error) {
      // A play that another one, or a pause, cut short is no failure.
      if (!(error instanceof DOMException && error.name === "AbortError")) this.#fail(address);
    } finally {
      if (this.address === address) this.isWaiting = false;
    }
  }

  pause(): void {
    this.#element?.pause();
  }

  /** Go to a place in a note; one that is not in here is loaded when it is played. */
  seek(address: string, place: number): void {
    const element = this.#load(address);
    this.place = place;
    element.currentTime = place;
  }

  /** Play faster, or as it was said after the fastest. */
  faster(): void {
    const next = SPEEDS[(SPEEDS.indexOf(this.speed) + 1) % SPEEDS.length] ?? 1;
    this.speed = next;
    if (this.#element) this.#element.playbackRate = next;
  }

  /** Forget a note that is not there any more. */
  drop(address: string): void {
    if (this.address !== address) return;
    this.pause();
    this.#element?.removeAttribute("src");
    this.address = "";
    this.place = 0;
    this.isPlaying = false;
  }

  #load(address: string): HTMLAudioElement {
    const element = this.#element ?? this.#made();
    if (this.address !== address) {
      this.address = address;
      this.place = 0;
      element.src = address;
      // A new source goes at the usual pace.
      element.defaultPlaybackRate = this.speed;
    }
    element.playbackRate = this.speed;
    return element;
  }

  #made(): HTMLAudioElement {
    const element = new Audio();
    element.preload = "none";
    element.ontimeupdate = () => {
      if (!element.seeking) this.place = element.currentTime;
    };
    element.onplay = () => {
      this.isPlaying = true;
    };
    element.onpause = () => {
      this.isPlaying = false;
    };
    element.onended = () => {
      this.isPlaying = false;
      this.place = 0;
      element.currentTime = 0;
    };
    element.onerror = () => {
      if (element.getAttribute("src")) this.#fail(this.address);
    };
    this.#element = element;
    return element;
  }

  #fail(address: string): void {
    this.failed = address;
    this.isPlaying = false;
  }
}

export const player = new Player();

/** Be quiet as soon as one goes into a space. Returns a function that ends it. */
export function makeRoom(): () => void {
  return $effect.root(() => {
    let room = call.room;
    $effect(() => {
      if (call.room && call.room !== room) player.pause();
      room = call.room;
    });
  });
}

makeRoom();
