/** What a bench leaves behind: figures with their units, and what stands beside each. */
import type { TestInfo } from "@playwright/test";

export interface Figure {
  value: number;
  unit: string;
  /** The goal, or what the figure has to be read with. */
  beside: string;
}

/** Fewer repetitions, for those in a hurry: `make bench QUICK=1`. */
export const QUICK = process.env.QUICK === "1";

const KIND = "application/vnd.convivium.figure+json";

/** Leave a figure with the bench that is running. */
export async function report(info: TestInfo, name: string, figure: Figure): Promise<void> {
  await info.attach(name, { body: JSON.stringify(figure), contentType: KIND });
}

/** The figures among what a bench left. */
export function figuresOf(left: readonly { name: string; contentType: string; body?: Buffer }[]) {
  return left
    .filter(({ contentType, body }) => contentType === KIND && body !== undefined)
    .map(({ name, body }) => [name, JSON.parse(String(body)) as Figure] as const);
}

/** The value below which this share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.floor(share * sorted.length));
  const value = sorted[at];
  if (value === undefined) throw new Error("Nothing was measured.");
  return value;
}
