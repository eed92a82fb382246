/**
 * When syllables begin, on the clock that all processes of a machine share.
 *
 * The moment is found within the samples that Web Audio has just rendered, so it is exact to one rendering (about
 * 10 ms); mouth and ear are measured in the same way, so that what Web Audio itself adds cancels out.
 */
import type { Page } from "@playwright/test";

/** The beginnings of syllables in somebody's microphone, in ms since 1970, during `ms` milliseconds. */
export function spoken(page: Page, ms: number): Promise<number[]> {
  return page.evaluate(onsets, { ms, where: "microphone" as const });
}

/** The beginnings of syllables in what a page plays. */
export function heard(page: Page, ms: number): Promise<number[]> {
  return page.evaluate(onsets, { ms, where: "audio" as const });
}

/** How long each syllable was under way; those that were lost or that nobody spoke are left out. */
export function delays(mouth: readonly number[], ear: readonly number[], longest = 800): number[] {
  return mouth.flatMap((said) => {
    const arrived = ear.find((at) => at > said && at - said < longest);
    return arrived === undefined ? [] : [arrived - said];
  });
}

async function onsets({ ms, where }: { ms: number; where: "microphone" | "audio" }): Promise<number[]> {
  const LOUD = 0.02;
  const QUIET_BEFORE_MS = 300;
  const known = window as unknown as { microphone?: MediaStream };
  const stream = where === "audio" ? document.querySelector("audio")?.srcObject : known.microphone;
  if (!(stream instanceof MediaStream)) throw new Error(`There is no sound at the ${where}.`);
  const context = new AudioContext();
  await context.resume();
  const analyser = new AnalyserNode(context, { fftSize: 2048 });
  context.createMediaStreamSource(stream).connect(analyser);

  const found: number[] = [];
  const samples = new Float32Array(analyser.fftSize);
  const wallClock = () => performance.timeOrigin + performance.now();
  let lastLoud = wallClock();
  const until = wallClock() + ms;
  while (wallClock() < until) {
    await new Promise((resolve) => setTimeout(resolve, 4));
    analyser.getFloatTimeDomainData(samples);
    const now = wallClock();
    const first = samples.findIndex((sample) => Math.abs(sample) > LOUD);
    if (first < 0) continue;
    const began = now - ((samples.length - first) / context.sampleRate) * 1000;
    if (began - lastLoud > QUIET_BEFORE_MS) found.push(began);
    lastLoud = now;
  }
  await context.close();
  return found;
}
