/** The shape of a table in the box it is given, in pixels. */
import type { Rim } from "./seats";

interface Shape {
  readonly p: number;
  /** Room beside the rim for the pebbles that sit on it. */
  readonly side: number;
  readonly top: number;
  readonly foot: number;
  /** Width and height of the largest table, as half-axes. */
  readonly widest: number;
  readonly tallest: number;
}

const SHAPES: Record<"phone" | "studio", Shape> = {
  phone: { p: 3.3, side: 43, top: 42, foot: 4, widest: 190, tallest: 250 },
  studio: { p: 3, side: 68, top: 58, foot: 8, widest: 330, tallest: 290 },
};

/** Your own pebble hangs over the near edge. */
const NEAR_FOOT = 44;

/** A whole table: as large as the box allows, in its middle. */
export function tableRim(view: "phone" | "studio", width: number, height: number, near: boolean): Rim {
  const { p, side, top, foot, widest, tallest } = SHAPES[view];
  const below = near ? NEAR_FOOT : foot;
  const a = Math.max(60, Math.min(widest, width / 2 - side));
  const b = Math.max(60, Math.min(tallest, (height - top - below) / 2));
  return { cx: width / 2, cy: top + (height - top - below) / 2, a, b, p };
}

/** The far side of a table whose near half lies off the edge: cards, and the sheet before joining. */
export function arcRim(width: number, top: number, deep: boolean): Rim {
  const a = Math.max(60, Math.min(176, width / 2 - (deep ? 27 : 16)));
  const b = a * (deep ? 1.2 : 1.1);
  return { cx: width / 2, cy: top + b, a, b, p: 2.4 };
}
