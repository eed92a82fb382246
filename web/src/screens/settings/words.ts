/** How the settings name what one signs in with. */
import type { Scope, Session } from "../../api/types";
import { daysUntil } from "../../ui/when";

/** "Firefox on Linux"; as much of it as is known. */
export function browserOf({ browser, system }: Pick<Session, "browser" | "system">): string {
  if (browser && system) return `${browser} on ${system}`;
  return browser || (system ? `A browser on ${system}` : "A browser");
}

/** How far a token reaches, scope by scope. */
export const REACH: Record<Scope, string> = {
  read: "Read what you may see",
  write: "Write, follow and ask to speak",
  speak: "Be heard",
  host: "Open and lead spaces",
  moderate: "Moderate this server",
  admin: "Read the whole log of this server",
};

/** "Read what you may see, be heard". */
export function reach(scopes: readonly Scope[]): string {
  const words = (Object.keys(REACH) as Scope[]).filter((scope) => scopes.includes(scope));
  return words.map((scope, at) => (at === 0 ? REACH[scope] : lower(REACH[scope]))).join(", ");
}

const lower = (words: string) => words.charAt(0).toLowerCase() + words.slice(1);

/** "Last used today": `day` is one of UTC, which may be tomorrow here. */
export function lastUsed(day: string, now: Date): string {
  const ago = -(daysUntil(now, day) ?? 0);
  if (ago <= 0) return "Last used today";
  return ago === 1 ? "Last used yesterday" : `Last used ${ago} days ago`;
}
