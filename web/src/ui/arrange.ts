/** From the people of a stage to places at a table: who sits where, in which size. */
import { largestSize, type Point, placeSeats, pointAt, type Rim, seatOrder, seatSize } from "./seats";
import type { TableSeat } from "./table-seat";

export interface Place extends Point {
  /** A person's id, or a number for a free seat. */
  readonly key: string | number;
  readonly seat: TableSeat | null;
  readonly size: number;
}

/** How much larger than the others the host is drawn. */
const HOST = 1.1;
/** Your own pebble at the near edge, in pixels. */
const NEAR = 72;
/** Height of a name under its pebble, with the gap above it, in pixels. */
const NAME = 24;
/** Smaller than this nobody can be recognised, nor tapped. */
const SMALLEST = 44;

/** The far side of a table: where its line of people sits, with free seats at the two ends. */
export interface FarSide {
  /** Ids from left to right. */
  readonly line: readonly string[];
  readonly seats: readonly TableSeat[];
  readonly free: number;
  readonly places: readonly Point[];
  /** The size that is wished for; a narrow table makes everybody smaller. */
  readonly size: number;
  readonly host?: number;
  /** Whether names stand under the pebbles. */
  readonly named?: boolean;
}

/** Everybody's place along the far rim. */
export function arrange({ line, seats, free, places, size, host = HOST, named = false }: FarSide): Place[] {
  const fits = named
    ? Math.min(size, Math.max(SMALLEST, largestSize(places, NAME)))
    : Math.min(size, largestSize(places));
  const left = Math.floor(free / 2);
  return places.map((place, i) => {
    const seat = seats.find(({ id }) => id === line[i - left]) ?? null;
    return { ...place, seat, key: seat?.id ?? i, size: seat?.role === "host" ? fits * host : fits };
  });
}

/** The places of a whole table. The person at the near edge is not part of its line. */
export function arrangeTable(far: Omit<FarSide, "places" | "size">, rim: Rim, scale: number): Place[] {
  const count = far.line.length + far.free;
  const around = arrange({ ...far, places: placeSeats(count, rim), size: seatSize(count) * scale });
  const near = far.seats.find(sitsNear);
  return near ? [...around, { ...pointAt(rim, 90), seat: near, key: near.id, size: NEAR }] : around;
}

/** You sit at the near edge, alone; but a host keeps the middle of the far side. */
export function sitsNear(seat: TableSeat): boolean {
  return seat.you === true && seat.role !== "host";
}

/** The next line of everybody who sits along the far rim. */
export function nextLine(before: readonly string[], seats: readonly TableSeat[]): string[] {
  return seatOrder(
    before,
    seats.filter((seat) => !sitsNear(seat)),
  );
}
