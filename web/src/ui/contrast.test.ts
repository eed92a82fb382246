/// <reference types="node" />
// @vitest-environment node
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");
/** The ordinary colours; those for more contrast follow them in the file. */
const [ordinary = "", strong = ""] = css.split("@media (prefers-contrast: more)");

const THEMES = ["light", "dark"] as const;
type Theme = (typeof THEMES)[number];
type Colour = [number, number, number];

function hex(text: string): Colour {
  const digits = text.length === 4 ? text.replace(/[0-9a-f]/gi, "$&$&") : text;
  return [1, 3, 5].map((at) => Number.parseInt(digits.slice(at, at + 2), 16)) as Colour;
}

/** The value of a token, where mixes and other tokens are worked out as the browser does. */
function colour(name: string, theme: Theme, sheet = ordinary): Colour {
  const value =
    new RegExp(`--${name}: ([^;]+);`).exec(sheet)?.[1] ??
    new RegExp(`--${name}: ([^;]+);`).exec(ordinary)?.[1];
  if (!value) throw new Error(`There is no token --${name}.`);
  const pair = /^light-dark\((#\w+), (#\w+)\)$/.exec(value);
  if (pair) return hex((theme === "light" ? pair[1] : pair[2]) ?? "");
  const mix = /^color-mix\(in srgb, var\(--([\w-]+)\) (\d+)%, var\(--([\w-]+)\)\)$/.exec(value);
  if (mix)
    return blend(
      colour(mix[1] ?? "", theme, sheet),
      colour(mix[3] ?? "", theme, sheet),
      Number(mix[2]) / 100,
    );
  return hex(value);
}

function blend(over: Colour, under: Colour, part: number): Colour {
  return over.map((value, i) => value * part + (under[i] ?? 0) * (1 - part)) as Colour;
}

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function luminance(rgb: Colour): number {
  const [red, green, blue] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as Colour;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: Colour, other: Colour): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const GROUNDS = ["bg", "surface", "raised", "sheet", "toast"];
const TEXTS: [string, readonly string[]][] = [
  ["text", [...GROUNDS, "lamp-fill"]],
  ["muted", GROUNDS],
  ["lamp-text", [...GROUNDS, "lamp-fill"]],
  ["live", ["bg", "surface", "sheet"]],
  ["host", ["bg", "surface", "raised", "sheet", "host-fill"]],
  ["danger", ["bg", "surface", "raised", "sheet", "danger-fill"]],
  ["on-lamp", ["lamp", "lamp-edge"]],
  ["on-live", ["live-fill"]],
  ["on-host", ["host"]],
];
const EDGES: [string, readonly string[]][] = [
  ["outline", ["bg", "surface", "sheet"]],
  ["focus", GROUNDS],
  ["ring", ["bg", "surface", "sheet"]],
  ["live-fill", ["bg", "surface"]],
];
const CLOTHS = ["river", "beet", "delft", "olive", "ochre", "clay"];

describe.each(THEMES)("in the %s theme", (theme) => {
  it.each(TEXTS)("%s can be read on every ground it stands on", (text, grounds) => {
    for (const ground of grounds) {
      expect(
        contrast(colour(text, theme), colour(ground, theme)),
        `${text} on ${ground}`,
      ).toBeGreaterThanOrEqual(4.5);
    }
  });

  it.each(EDGES)("%s can be seen as an edge", (edge, grounds) => {
    for (const ground of grounds) {
      expect(
        contrast(colour(edge, theme), colour(ground, theme)),
        `${edge} on ${ground}`,
      ).toBeGreaterThanOrEqual(3);
    }
  });

  it.each(CLOTHS)("words and the hem can be seen on %s cloth", (cloth) => {
    const block = new RegExp(`\\.cloth-${cloth} \\{([^}]*)\\}`).exec(ordinary)?.[1] ?? "";
    for (const end of ["cloth-top", "cloth-bottom"]) {
      const ground = colour(end, theme, block);
      expect(contrast(colour("text", theme), ground)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(colour("cloth-muted", theme), ground)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(colour("lamp-text", theme), ground)).toBeGreaterThanOrEqual(4.5);
    }
  });

  it("more contrast gives every text at least 7 to 1", () => {
    for (const text of ["text", "muted", "lamp-text", "live", "host", "danger"]) {
      expect(contrast(colour(text, theme, strong), colour("bg", theme, strong)), text).toBeGreaterThanOrEqual(
        7,
      );
    }
  });
});

it("names the figures of the guide", () => {
  expect(contrast(colour("text", "dark"), colour("bg", "dark"))).toBeCloseTo(16.7, 0);
  expect(contrast(colour("outline", "dark"), colour("bg", "dark"))).toBeGreaterThanOrEqual(3.6);
});
