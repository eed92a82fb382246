/** Whether to say that this page can stand on the home screen: to whoever comes again, until they want it no more. */

const VISITS = "convivium-visits";
const UNWANTED = "convivium-install";
/** Whoever was away for so long comes again. */
const AWAY_MS = 30 * 60_000;

/** What Chromium holds ready for whoever wants to install; others have no such event. */
interface Offer extends Event {
  prompt(): Promise<unknown>;
}

let offer: Offer | null = $state.raw(null);
let isWanted = $state(false);

export const install = {
  /** How one installs here: by a button, or by hand (iOS); null where it is not to be said. */
  get way(): "button" | "by-hand" | null {
    if (!isWanted) return null;
    return offer ? "button" : isOnIos() ? "by-hand" : null;
  },
  /** The browser asks, and whatever one answers was the answer. */
  async accept(): Promise<void> {
    const asked = offer;
    offer = null;
    await asked?.prompt();
  },
  /** Say it never again. */
  dismiss(): void {
    isWanted = false;
    write(UNWANTED, "no");
  },
};

/** Count this visit, and listen for what the browser offers. Returns a function that undoes it. */
export function followInstall(now = Date.now()): () => void {
  isWanted = countVisit(now) > 1 && read(UNWANTED) === null && !isInstalled();
  const offered = (event: Event) => {
    // Otherwise the browser shows a hint of its own, when it likes.
    event.preventDefault();
    offer = event as Offer;
  };
  addEventListener("beforeinstallprompt", offered);
  return () => removeEventListener("beforeinstallprompt", offered);
}

/** An iPad says that it is a Mac, but no Mac is touched. */
export function isOnIos(): boolean {
  const { userAgent, maxTouchPoints } = navigator;
  return /iPhone|iPad/.test(userAgent) || (userAgent.includes("Macintosh") && maxTouchPoints > 1);
}

function isInstalled(): boolean {
  return (
    matchMedia("(display-mode: standalone)").matches ||
    (navigator as { standalone?: boolean }).standalone === true
  );
}

/** The how-manieth visit this is. What is kept: their number, and when the page was loaded last. */
function countVisit(now: number): number {
  const [visits = 0, last = 0] = (read(VISITS) ?? "").split(" ").map((part) => Number(part) || 0);
  const count = now - last > AWAY_MS ? visits + 1 : Math.max(visits, 1);
  write(VISITS, `${count} ${now}`);
  return count;
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A browser that keeps nothing counts no visits, and hears no hint.
  }
}
