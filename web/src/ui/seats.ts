/** Where people sit at a table: pure geometry, in CSS pixels; y grows downwards, angles are in degrees, -90 is the top. */

/** A table's rim: a superellipse around (cx, cy) with half-axes a and b and exponent p (2 = ellipse, larger = squarer). */
export interface Rim {
  readonly cx: number;
  readonly cy: number;
  readonly a: number;
  readonly b: number;
  readonly p: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Sitter {
  readonly id: string;
  readonly role: "host" | "co_host" | "speaker";
}

const TURN = Math.PI / 180;
/** Steps along the rim when its length is measured: finer than a tenth of a pixel on the largest table. */
const STEPS = 720;

/** The point of the rim at an angle of the superellipse's parameter. */
export function pointAt(rim: Rim, degrees: number): Point {
  const along = (value: number, radius: number) => radius * Math.sign(value) * Math.abs(value) ** (2 / rim.p);
  return {
    x: rim.cx + along(Math.cos(degrees * TURN), rim.a),
    y: rim.cy + along(Math.sin(degrees * TURN), rim.b),
  };
}

/** The rim as the data of an SVG path (and of CSS `path()`), drawn `inset` pixels inside. */
export function rimPath(rim: Rim, inset = 0): string {
  const inner = { ...rim, a: Math.max(0, rim.a - inset), b: Math.max(0, rim.b - inset) };
  const points = Array.from({ length: 180 }, (_, i) => pointAt(inner, i * 2));
  return `M${points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}Z`;
}

/** How far round the rim n people spread, in degrees. */
export function span(n: number): number {
  return 205 * (1 - 0.7 ** (n - 1)) + 6 * Math.max(0, n - 7);
}

/** The size of a pebble when n people sit, in pixels; the host's is a tenth larger. */
export function seatSize(n: number): number {
  if (n <= 7) return 66;
  return n <= 10 ? 60 : 54;
}

/** Places for n people, from left to right, at equal distances along the rim and symmetric about the top. */
export function placeSeats(n: number, rim: Rim, degrees = span(n)): Point[] {
  if (n === 0) return [];
  if (n === 1) return [pointAt(rim, -90)];
  const walk = walkRim(rim, -90 - degrees / 2, -90 + degrees / 2);
  const length = walk.at(-1)?.way ?? 0;
  return Array.from({ length: n }, (_, seat) => pointAfter(walk, (length * seat) / (n - 1)));
}

interface Step extends Point {
  /** Length of the rim from the walk's beginning to here. */
  readonly way: number;
}

function walkRim(rim: Rim, from: number, to: number): Step[] {
  let way = 0;
  let before = pointAt(rim, from);
  return Array.from({ length: STEPS + 1 }, (_, i) => {
    const point = pointAt(rim, from + ((to - from) * i) / STEPS);
    way += Math.hypot(point.x - before.x, point.y - before.y);
    before = point;
    return { ...point, way };
  });
}

function pointAfter(walk: Step[], way: number): Point {
  const next = Math.max(
    1,
    walk.findIndex((step) => step.way >= way - 1e-6),
  );
  const [from, to] = [walk[next - 1], walk[next]];
  if (!from || !to) throw new Error("A walk along the rim has at least two steps.");
  const part = to.way === from.way ? 0 : (way - from.way) / (to.way - from.way);
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

/** Pebbles keep this part of the way to their neighbour, so that rings and badges have air. */
const AIR = 0.88;

/**
 * How large pebbles can be without touching, in pixels; infinite without neighbours.
 *
 * `under` is the height of what stands under a pebble, its name: whoever sits below must not cover it.
 */
export function largestSize(places: readonly Point[], under = 0): number {
  return places.slice(1).reduce((least, place, i) => {
    const before = places[i] as Point;
    const [across, down] = [Math.abs(place.x - before.x), Math.abs(place.y - before.y)];
    return Math.min(least, AIR * Math.hypot(across, down), Math.max(AIR * across, down - under));
  }, Number.POSITIVE_INFINITY);
}

/**
 * Who sits where, as ids from left to right.
 *
 * People who sat before keep their order, so that nobody changes sides when somebody leaves; newcomers (in order of
 * arrival) take the outer end of the shorter side. In a new line the host has the middle and co-hosts the host's sides.
 */
export function seatOrder(before: readonly string[], sitters: readonly Sitter[]): string[] {
  const here = new Set(sitters.map(({ id }) => id));
  const line = before.filter((id) => here.has(id));
  if (line.length === 0) return newLine(sitters);
  const hostId = sitters.find(({ role }) => role === "host")?.id;
  for (const { id } of sitters) {
    if (!line.includes(id)) sitDown(line, id, hostId);
  }
  return line;
}

const RANK = { host: 0, co_host: 1, speaker: 2 };

/** Even lines have their host left of the middle, so they begin to fill at the right. */
function newLine(sitters: readonly Sitter[]): string[] {
  const [middle, ...others] = [...sitters].sort((one, other) => RANK[one.role] - RANK[other.role]);
  const line = middle ? [middle.id] : [];
  others.forEach(({ id }, i) => {
    if (i % 2 === others.length % 2) line.unshift(id);
    else line.push(id);
  });
  return line;
}

function sitDown(line: string[], id: string, hostId: string | undefined): void {
  const middle = Math.floor(line.length / 2);
  if (id === hostId) {
    line.splice(middle, 0, id);
    return;
  }
  const host = hostId && line.includes(hostId) ? line.indexOf(hostId) : middle;
  if (host < line.length - host - 1) line.unshift(id);
  else line.push(id);
}
