/**
 * When sound begins and ends, on the clock of the machine, which is the same for all browsers on it.
 *
 * Both ends of a way are stamped alike: each chunk of 10 ms of a track is read as soon as the browser hands it
 * out, at the microphone before it is encoded, at the listener when the jitter buffer gives it to the player.
 * Left out are therefore what lies beyond the browser: a microphone's and a sound card's own buffers.
 */
import type { Page } from "@playwright/test";

/** Sound began, or ended, on a track of the page. */
export interface Moment {
  /** The track is this page's microphone, or what the call with this number (from 0) receives. */
  on: "microphone" | number;
  isLoud: boolean;
  /** Milliseconds since 1970. */
  at: number;
}

/** Every moment since `follow` was installed. */
export function moments(page: Page): Promise<Moment[]> {
  return page.evaluate(() => (window as unknown as { moments: Moment[] }).moments);
}

/**
 * Runs in the page before its own scripts, after `prepare` of ear.ts: notes when sound begins and ends on the
 * microphone and on every call, and when the button with that name is tapped.
 */
export function follow(): void {
  /** -40 dBFS: far below the voices of the tests, far above what a codec makes of silence. */
  const LOUD = 0.01;
  /** Quiet for so long is an end: longer than the pauses within a voice, shorter than those between bursts. */
  const END_MS = 100;
  const LOOK_EVERY_MS = 5;
  interface Sound {
    readonly numberOfFrames: number;
    readonly sampleRate: number;
    copyTo(into: Float32Array, how: { planeIndex: number; format: "f32-planar" }): void;
    close(): void;
  }
  const page = window as unknown as {
    moments: Moment[];
    callsMade: RTCPeerConnection[];
    MediaStreamTrackProcessor: new (of: { track: MediaStreamTrack }) => { readable: ReadableStream<Sound> };
  };
  page.moments = [];
  const followed = new Set<string>();
  const clock = () => performance.timeOrigin + performance.now();

  const listen = async (track: MediaStreamTrack, on: Moment["on"]) => {
    const reader = new page.MediaStreamTrackProcessor({ track }).readable.getReader();
    let lastLoud = Number.NEGATIVE_INFINITY;
    let isLoud = false;
    const note = (loud: boolean, at: number) => {
      isLoud = loud;
      page.moments.push({ on, isLoud, at });
    };
    for (;;) {
      const { value: sound } = await reader.read();
      if (!sound) {
        // The call is over, and with it the track.
        if (isLoud) note(false, lastLoud);
        return;
      }
      const end = clock();
      const samples = new Float32Array(sound.numberOfFrames);
      sound.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
      const at = (index: number) => end - ((samples.length - index) / sound.sampleRate) * 1000;
      const first = samples.findIndex((sample) => Math.abs(sample) > LOUD);
      if (first >= 0) {
        if (!isLoud) note(true, at(first));
        lastLoud = at(samples.findLastIndex((sample) => Math.abs(sample) > LOUD));
      } else if (isLoud && end - lastLoud > END_MS) {
        note(false, lastLoud);
      }
      sound.close();
    }
  };

  const begin = (track: MediaStreamTrack | null | undefined, on: Moment["on"]) => {
    if (!track || followed.has(track.id)) return;
    followed.add(track.id);
    void listen(track, on);
  };

  setInterval(() => {
    page.callsMade.forEach((call, number) => {
      for (const { track } of call.getReceivers()) if (track.kind === "audio") begin(track, number);
      for (const { track } of call.getSenders()) begin(track, "microphone");
    });
  }, LOOK_EVERY_MS);
}
