/** What `make bench` asks for, and what it gets back: every sample, so that all arithmetic is in one place. */
import { appendFileSync } from "node:fs";

/** How often to repeat something; the environment says so. */
export function repetitions(what: "bursts" | "taps" | "kills" | "restarts" | "mutes"): number {
  return Number(process.env[`FIGURES_${what.toUpperCase()}`] ?? 3);
}

/** Hand over the samples of one figure, as one line of JSON. */
export function report(figure: string, samples: readonly number[]): void {
  const line = JSON.stringify({ figure, samples });
  appendFileSync(process.env.FIGURES_FILE ?? "/dev/stdout", `${line}\n`);
}
