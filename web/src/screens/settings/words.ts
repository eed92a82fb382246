/** How the settings name what one signs in with. */
import type { Session } from "../../api/types";
import { daysUntil } from "../../ui/when";

/** "Firefox on Linux"; as much of it as is known. */
export function browserOf({ browser, system }: Pick<Session, "browser" | "system">): string {
  if (browser && system) return `${browser} on ${system}`;
  return browser || (system ? `A browser on ${system}` : "A browser");
}

/** "Last used today": `day` is one of UTC, which may be tomorrow here. */
export function lastUsed(day: string, now: Date): string {
  const ago = -(daysUntil(now, day) ?? 0);
  if (ago <= 0) return "Last used today";
  return ago === 1 ? "Last used yesterday" : `Last used ${ago} days ago`;
}
