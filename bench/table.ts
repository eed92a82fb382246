/** Prints the figures as a table, and leaves them in `bench/results/latest.json`. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { FullResult, Reporter, TestCase, TestResult } from "@playwright/test/reporter";
import { type Figure, figuresOf } from "./figures.ts";

const LATEST = fileURLToPath(new URL("results/latest.json", import.meta.url));

export default class Table implements Reporter {
  readonly #figures: Record<string, Figure> = {};

  onTestBegin(test: TestCase): void {
    process.stdout.write(`  ${test.title} ...`);
  }

  onTestEnd(_test: TestCase, result: TestResult): void {
    process.stdout.write(` ${(result.duration / 1000).toFixed(1)} s\n`);
    for (const [name, figure] of figuresOf(result.attachments)) this.#figures[name] = figure;
    for (const { message } of result.errors) process.stdout.write(`${message}\n`);
  }

  onEnd({ status }: FullResult): void {
    process.stdout.write(`\n${Object.entries(this.#figures).map(row).join("")}\n`);
    if (status === "passed") writeFileSync(LATEST, `${JSON.stringify(this.#figures, null, 2)}\n`);
  }
}

function row([name, { value, unit, beside }]: [string, Figure]): string {
  return `${name.padEnd(28)}${value.toFixed(value < 100 ? 2 : 0).padStart(10)} ${unit.padEnd(4)}  ${beside}\n`;
}
