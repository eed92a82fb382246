/**
 * What a page hears, measured where a person would: at the sound its `<audio>` element plays.
 *
 * Runs inside the page, so nothing here may refer to anything outside the functions that are handed over.
 */
import type { Page } from "@playwright/test";

/** Below this a voice counts as not heard: dBFS in its band. The voices of the tests arrive at about -20. */
export const AUDIBLE_DB = -50;

/** The loudest moment, in dBFS, of each pitch (Hz) during `ms` milliseconds; -200 is silence or no sound at all. */
export async function loudest(page: Page, pitches: readonly number[], ms: number): Promise<number[]> {
  return page.evaluate(listen, { pitches: [...pitches], ms });
}

/** What one ear hears, in dBFS: all of it, and each pitch that was asked for, as an average over the time. */
export interface Heard {
  all: number;
  pitches: number[];
}

/** What the left and the right ear hear for `ms` milliseconds. */
export async function leftAndRight(
  page: Page,
  pitches: readonly number[],
  ms: number,
): Promise<[Heard, Heard]> {
  return page.evaluate(listenWithBothEars, { pitches: [...pitches], ms });
}

/** The sources (CSRC) heard in the last quarter of a second, as the browser reports them. */
export async function sourcesHeard(page: Page): Promise<number[]> {
  return page.evaluate(() => {
    const calls = (window as unknown as { callsMade?: RTCPeerConnection[] }).callsMade ?? [];
    const now = performance.timeOrigin + performance.now();
    const heard = calls
      .filter((call) => call.connectionState === "connected")
      .flatMap((call) => call.getReceivers())
      .filter((receiver) => receiver.track.kind === "audio")
      .flatMap((receiver) => receiver.getContributingSources())
      // Entries linger for ten seconds with the time at which they were last heard.
      .filter(({ timestamp }) => now - timestamp < 250);
    return heard.map(({ source }) => source);
  });
}

/**
 * Before any script of the page: note its calls, count how often it asks for a microphone, and turn the browser's
 * own processing off, which takes a synthetic voice for noise.
 */
export function prepare(): void {
  const noted = window as unknown as { callsMade: RTCPeerConnection[]; microphoneAsked: number };
  noted.callsMade = [];
  noted.microphoneAsked = 0;
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      noted.callsMade.push(this);
    }
  };
  const media = navigator.mediaDevices;
  const ask = media?.getUserMedia.bind(media);
  if (!ask) return;
  media.getUserMedia = (constraints) => {
    noted.microphoneAsked++;
    const wanted = typeof constraints?.audio === "object" ? constraints.audio : {};
    const raw = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    return ask({ ...constraints, audio: { ...wanted, ...raw } });
  };
}

async function listen({ pitches, ms }: { pitches: number[]; ms: number }): Promise<number[]> {
  const SILENCE_DB = -200;
  const HALF_BAND_HZ = 15;
  const kept = window as unknown as { ears?: Map<string, AnalyserNode> };
  const until = performance.now() + ms;
  const loud = pitches.map(() => SILENCE_DB);
  const pause = () => new Promise((resolve) => setTimeout(resolve, 40));

  // One ear for each stream: a page that calls again after a loss gets a new one.
  const ear = (): AnalyserNode | undefined => {
    const stream = document.querySelector("audio")?.srcObject;
    if (!(stream instanceof MediaStream) || stream.getAudioTracks().length === 0) return undefined;
    kept.ears ??= new Map();
    const known = kept.ears.get(stream.id);
    if (known) return known;
    const context = new AudioContext();
    void context.resume();
    const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
    context.createMediaStreamSource(stream).connect(analyser);
    kept.ears.set(stream.id, analyser);
    return analyser;
  };

  const bandLevel = (spectrum: Float32Array, binHz: number, pitch: number): number => {
    const from = Math.floor((pitch - HALF_BAND_HZ) / binHz);
    const to = Math.ceil((pitch + HALF_BAND_HZ) / binHz);
    const power = spectrum.subarray(from, to + 1).reduce((sum, db) => sum + 10 ** (db / 10), 0);
    return Math.max(SILENCE_DB, 10 * Math.log10(power));
  };

  do {
    await pause();
    const analyser = ear();
    if (!analyser || document.querySelector("audio")?.paused) continue;
    const spectrum = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(spectrum);
    const binHz = analyser.context.sampleRate / analyser.fftSize;
    pitches.forEach((pitch, at) => {
      loud[at] = Math.max(loud[at] ?? SILENCE_DB, bandLevel(spectrum, binHz, pitch));
    });
  } while (performance.now() < until);
  return loud;
}

async function listenWithBothEars(asked: { pitches: number[]; ms: number }): Promise<[Heard, Heard]> {
  const stream = document.querySelector("audio")?.srcObject;
  if (!(stream instanceof MediaStream)) throw new Error("Nothing is played here.");
  const context = new AudioContext({ sampleRate: 48_000 });
  await context.resume();
  const splitter = new ChannelSplitterNode(context, { numberOfOutputs: 2 });
  // What is mono comes to both ears, as an `<audio>` element plays it.
  const both = new GainNode(context, { channelCount: 2, channelCountMode: "explicit" });
  context.createMediaStreamSource(stream).connect(both).connect(splitter);
  const ears = [0, 1].map((side) => {
    const analyser = new AnalyserNode(context, { fftSize: 8_192 });
    splitter.connect(analyser, side);
    return analyser;
  });
  const decibels = (power: number) => Math.max(-200, 10 * Math.log10(power));

  // The power of a pitch, by what is left of the sound when it is turned back by that pitch (Goertzel).
  const powerOf = (sound: Float32Array, pitch: number): number => {
    let [real, imaginary] = [0, 0];
    sound.forEach((sample, at) => {
      const angle = (2 * Math.PI * pitch * at) / 48_000;
      real += sample * Math.cos(angle);
      imaginary += sample * Math.sin(angle);
    });
    return (2 * (real ** 2 + imaginary ** 2)) / sound.length ** 2;
  };

  const sums = ears.map(() => ({ all: 0, pitches: asked.pitches.map(() => 0) }));
  const looks = Math.max(1, Math.round(asked.ms / 200));
  for (let look = 0; look < looks; look++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    ears.forEach((ear, side) => {
      const sound = new Float32Array(ear.fftSize);
      ear.getFloatTimeDomainData(sound);
      const sum = sums[side];
      if (!sum) return;
      // 150 ms: a whole number of turns of every tenth Hz, so that pitches do not leak into each other.
      const whole = sound.subarray(0, 7_200);
      sum.all += whole.reduce((power, sample) => power + sample ** 2, 0) / whole.length;
      sum.pitches = sum.pitches.map((power, at) => power + powerOf(whole, asked.pitches[at] ?? 0));
    });
  }
  await context.close();
  const [left, right] = sums.map(({ all, pitches }) => ({
    all: decibels(all / looks),
    pitches: pitches.map((power) => decibels(power / looks)),
  }));
  if (!left || !right) throw new Error("There are two ears.");
  return [left, right];
}
