/** Moves between screens without loading the page anew: links, buttons, back and forward. */
import { type Screen, screenAt } from "./routes";

let path = $state(location.pathname);
let search = $state(location.search);

export const here = {
  get screen(): Screen {
    return screenAt(path);
  },
  get search(): string {
    return search;
  },
};

/** Go to `url`, a path of this app; `replace` leaves no step back. */
export function go(url: string, how: { replace?: boolean } = {}): void {
  history[how.replace ? "replaceState" : "pushState"](null, "", url);
  arrive();
  scrollTo(0, 0);
}

/** Let links and the browser's own buttons move between screens. Returns a function that undoes it. */
export function followLinks(): () => void {
  document.addEventListener("click", followLink);
  addEventListener("popstate", arrive);
  return () => {
    document.removeEventListener("click", followLink);
    removeEventListener("popstate", arrive);
  };
}

function arrive(): void {
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
