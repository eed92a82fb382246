/** Moving people in line by hand: pure. */

/** The order while one is held over the place `at`. */
export function heldAt(order: readonly string[], person: string, at: number): string[] {
  const others = order.filter((other) => other !== person);
  const place = Math.max(0, Math.min(at, others.length));
  return [...others.slice(0, place), person, ...others.slice(place)];
}

/** Before whom somebody stands in this order, or null at the end. */
export function standsBefore(order: readonly string[], person: string): string | null {
  return order[order.indexOf(person) + 1] ?? null;
}

/** Over which place a pointer is: how many middles of the others it has passed. */
export function placeAt(middles: readonly number[], y: number): number {
  return middles.filter((middle) => middle < y).length;
}
