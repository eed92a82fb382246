/** Moves between screens without loading the page anew: links, buttons, back and forward. */
import { tick } from "svelte";
import { type Screen, screenAt } from "./routes";

let path = $state(location.pathname);
let search = $state(location.search);
let isReturn = $state(false);

/** What is done before another screen takes the place of this one. */
const leaving = new Set<() => void>();

export const here = {
  get screen(): Screen {
    return screenAt(path);
  },
  get search(): string {
    return search;
  },
  /** Whether one came by back or forward: what was there may stand as one left it. */
  get isReturn(): boolean {
    return isReturn;
  },
};

/** Do `act` before one goes elsewhere. Returns a function that undoes it. */
export function beforeLeaving(act: () => void): () => void {
  leaving.add(act);
  return () => leaving.delete(act);
}

/** Go back to where one came from within this app; whoever came from outside goes to `otherwise`. */
export function goBack(otherwise: string): void {
  if (stepsSoFar() > 0) history.back();
  else go(otherwise);
}

/** Every step within the app is numbered in the browser's history. */
const stepsSoFar = (): number => (history.state as { step?: number } | null)?.step ?? 0;

/** Go to `url`, a path of this app; `replace` leaves no step back, `stay` does not go to its top. */
export function go(url: string, how: { replace?: boolean; stay?: boolean } = {}): void {
  for (const act of leaving) act();
  if (how.replace) history.replaceState(history.state, "", url);
  else history.pushState({ step: stepsSoFar() + 1 }, "", url);
  move(() => {
    arrive(false);
    if (!how.stay) scrollTo(0, 0);
  });
}

/** Let the address say what this screen shows by now: that is no step, and nothing moves. */
export function note(url: string): void {
  history.replaceState(history.state, "", url);
  arrive(isReturn);
}

/** Let links and the browser's own buttons move between screens. Returns a function that undoes it. */
export function followLinks(): () => void {
  document.addEventListener("click", followLink);
  addEventListener("popstate", moveThere);
  return () => {
    document.removeEventListener("click", followLink);
    removeEventListener("popstate", moveThere);
  };
}

/** Go where a notification leads that was pressed outside of this page. Returns a function that undoes it. */
export function followPush(): () => void {
  const worker = navigator.serviceWorker;
  const lead = ({ data }: MessageEvent<{ go?: string }>) => data.go && go(data.go);
  worker?.addEventListener("message", lead);
  return () => worker?.removeEventListener("message", lead);
}

function moveThere(): void {
  for (const act of leaving) act();
  move(() => arrive(true));
}

/** Change the screen; a pebble that is on both screens travels from one to the other (guide: Motion). */
function move(change: () => void): void {
  if (!mayTravel()) {
    change();
    return;
  }
  const { ready, finished } = document.startViewTransition(() => {
    change();
    return tick();
  });
  // A page that is hidden, or moves on at once, skips the picture, never the change.
  for (const stage of [ready, finished]) stage.catch(() => undefined);
}

function mayTravel(): boolean {
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return !isStill && "startViewTransition" in document && document.querySelector(".pebble.shared") !== null;
}

function arrive(byHistory: boolean): void {
  isReturn = byHistory;
  path = location.pathname;
  search = location.search;
}

function followLink(event: MouseEvent): void {
  // A new tab or window, and whatever somebody else took care of, is none of our business.
  const wantsElsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (event.defaultPrevented || event.button !== 0 || wantsElsewhere) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || link.target || link.hasAttribute("download")) return;
  const url = new URL(link.href, location.href);
  if (url.origin !== location.origin || isServedByServer(url.pathname)) return;
  event.preventDefault();
  go(url.pathname + url.search);
}

function isServedByServer(path: string): boolean {
  return path.startsWith("/api/") || path.startsWith("/assets/");
}
