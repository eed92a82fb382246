/**
 * Voices that a machine can tell apart: something like speech, at a pitch of one's own.
 *
 * A steady tone would not do: codecs, gain control and talk detection treat it as noise. So each voice has
 * harmonics that fall off as in a vowel, and rises and falls in syllables.
 */
import { writeFileSync } from "node:fs";

const RATE_HZ = 48_000;
const DURATION_S = 6;
const HARMONICS = 4;
const SYLLABLES_PER_S = 4;
const PEAK = 0.4;
/** Bursts: how many before they begin again, how long each sounds, and the silence after it. */
const BURSTS = 40;
const BURST_S = 0.12;
const SHORTEST_PAUSE_S = 0.5;
const LONGEST_PAUSE_S = 1;

/** Write a voice of this pitch (Hz) as a WAV file: 16 bit, mono, 48 kHz, made so that its end meets its beginning. */
export function writeVoice(path: string, pitch: number): void {
  writeFileSync(path, wav(samples(pitch)));
}

/** Write a microphone in a silent room. */
export function writeSilence(path: string): void {
  writeFileSync(path, wav(new Float32Array(RATE_HZ)));
}

/**
 * Write short sounds that begin at once, with pauses of 0.5 to 1 s, no two of which are alike: for measuring how
 * long sound is under way.
 */
export function writeBursts(path: string, pitch: number): void {
  const lengths = pauses().map((pause) => Math.round((BURST_S + pause) * RATE_HZ));
  const sound = new Float32Array(lengths.reduce((sum, length) => sum + length, 0));
  let start = 0;
  for (const length of lengths) {
    for (let at = 0; at < BURST_S * RATE_HZ; at++) sound[start + at] = vowel(pitch, at / RATE_HZ);
    start += length;
  }
  writeFileSync(path, wav(sound));
}

/** The same pauses every time, in an order without a pattern: steps of the golden ratio. */
function pauses(): number[] {
  const share = (step: number) => (step * 0.618_034) % 1;
  const longer = LONGEST_PAUSE_S - SHORTEST_PAUSE_S;
  return Array.from({ length: BURSTS }, (_, at) => SHORTEST_PAUSE_S + longer * share(at + 1));
}

function samples(pitch: number): Float32Array {
  return Float32Array.from({ length: RATE_HZ * DURATION_S }, (_, at) => sample(pitch, at / RATE_HZ));
}

function sample(pitch: number, seconds: number): number {
  const syllable = 0.55 - 0.45 * Math.cos(2 * Math.PI * SYLLABLES_PER_S * seconds);
  return syllable * vowel(pitch, seconds);
}

function vowel(pitch: number, seconds: number): number {
  let sum = 0;
  for (let harmonic = 1; harmonic <= HARMONICS; harmonic++) {
    sum += Math.sin(2 * Math.PI * pitch * harmonic * seconds) / harmonic ** 1.5;
  }
  return (PEAK * sum) / 1.7;
}

/** How loud each ear of `writeStereo` is: dBFS, the mean over time. */
export const STEREO_DB = -17;

/** Write an instrument with a steady tone of its own (whole Hz) for each ear. */
export function writeStereo(path: string, left: number, right: number): void {
  const amplitude = Math.SQRT2 * 10 ** (STEREO_DB / 20);
  const tone = (pitch: number, at: number) => amplitude * Math.sin((2 * Math.PI * pitch * at) / RATE_HZ);
  const sound = new Float32Array(2 * RATE_HZ * DURATION_S);
  for (let at = 0; at < RATE_HZ * DURATION_S; at++) sound.set([tone(left, at), tone(right, at)], 2 * at);
  writeFileSync(path, wav(sound, 2));
}

/** Put samples between -1 and 1, of the channels by turns, behind the header of a RIFF file. */
function wav(sound: Float32Array, channels = 1): Buffer {
  const bytes = sound.length * 2;
  const file = Buffer.alloc(44 + bytes);
  file.write("RIFF", 0);
  file.writeUInt32LE(36 + bytes, 4);
  file.write("WAVEfmt ", 8);
  file.writeUInt32LE(16, 16); // size of what describes the samples
  file.writeUInt16LE(1, 20); // linear PCM
  file.writeUInt16LE(channels, 22);
  file.writeUInt32LE(RATE_HZ, 24);
  file.writeUInt32LE(RATE_HZ * 2 * channels, 28);
  file.writeUInt16LE(2 * channels, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36);
  file.writeUInt32LE(bytes, 40);
  sound.forEach((value, at) => {
    file.writeInt16LE(Math.round(value * 32_767), 44 + 2 * at);
  });
  return file;
}
