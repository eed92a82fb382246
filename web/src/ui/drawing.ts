/** Cut paper: a drawing is a pile of flat shapes on a 100 x 100 ground, lowest first. */

export interface Shape {
  readonly d: string;
  /** Colour of the paper; with `line` it is the colour of the stroke. */
  readonly fill: string;
  readonly opacity?: number;
  /** Width of a stroke; without one the shape is filled (even-odd, so that a second outline cuts a hole). */
  readonly line?: number;
}

export function paper(fill: string, d: string, opacity?: number): Shape {
  return opacity === undefined ? { d, fill } : { d, fill, opacity };
}

export function stroke(fill: string, line: number, d: string): Shape {
  return { d, fill, line };
}

/** The outline of a circle. */
export function disc(x: number, y: number, r: number): string {
  return `M${x - r} ${y}a${r} ${r} 0 1 1 ${2 * r} 0a${r} ${r} 0 1 1 ${-2 * r} 0Z`;
}

/** The outlines of several circles, given as x, y, r one after another. */
export function discs(...numbers: number[]): string[] {
  const outlines: string[] = [];
  for (let i = 0; i + 2 < numbers.length; i += 3) {
    outlines.push(disc(numbers[i] as number, numbers[i + 1] as number, numbers[i + 2] as number));
  }
  return outlines;
}
