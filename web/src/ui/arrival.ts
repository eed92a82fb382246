/**
 * A pebble that is called up travels to its seat from where it waited on this page: the queue, or the listeners.
 * Places to wait carry `data-waits` with the person's id. The seat is told before the queue, so that at this moment
 * both are there.
 */

const TRAVEL_MS = 420;
/** Once it has arrived, the light of the table falls on it once. */
const POOL_MS = 900;
const EASING = "cubic-bezier(0.2, 0.8, 0.2, 1)";

/** Let the pebble in `seat`, which is new on the page, come from where it waited; with reduced motion it is just there. */
export function arrive(seat: Element, id: string): void {
  const pebble = seat.querySelector(".pebble");
  const origin = placeWaited(id);
  if (!pebble || !origin || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  pebble.animate([wayFrom(origin, pebble), { translate: "0 0", scale: "1" }], {
    duration: TRAVEL_MS,
    easing: EASING,
  });
  const light = pebble.querySelector(".light");
  light?.animate([{ opacity: 0 }, { opacity: 1 }, { opacity: 0 }], { duration: POOL_MS, delay: TRAVEL_MS });
}

/** Where on the page somebody waits, as far as it can be seen: other columns may show the same person. */
function placeWaited(id: string): DOMRect | undefined {
  return [...document.querySelectorAll(`[data-waits="${CSS.escape(id)}"] .pebble`)]
    .map((pebble) => pebble.getBoundingClientRect())
    .find(({ width }) => width > 0);
}

function wayFrom(from: DOMRect, pebble: Element): Keyframe {
  const to = pebble.getBoundingClientRect();
  const x = from.x + from.width / 2 - (to.x + to.width / 2);
  const y = from.y + from.height / 2 - (to.y + to.height / 2);
  return { translate: `${x}px ${y}px`, scale: String(from.width / to.width) };
}
