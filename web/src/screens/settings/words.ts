/** How the settings name what one signs in with. */
import type { Scope, Session } from "../../api/types";
import { capitalised, counted, term } from "../../ui/locale";
import { daysUntil } from "../../ui/when";

/** "Firefox on Linux"; as much of it as is known. */
export function browserOf({ browser, system }: Pick<Session, "browser" | "system">): string {
  if (browser && system) return `${browser} on ${system}`;
  return browser || (system ? `A browser on ${system}` : "A browser");
}

/** How far a token reaches, scope by scope. */
export const REACH: Record<Scope, string> = {
  read: "read what you may see",
  write: "write, follow and ask to speak",
  speak: "be heard",
  host: "open and lead spaces",
  moderate: "moderate this server",
  admin: "read the whole log of this server",
};

/** "Read what you may see, be heard". */
export function reach(scopes: readonly Scope[]): string {
  const words = (Object.keys(REACH) as Scope[]).filter((scope) => scopes.includes(scope));
  return capitalised(words.map((scope) => REACH[scope]).join(term(", ")));
}

/** "Last used today": `day` is one of UTC, which may be tomorrow here. */
export function lastUsed(day: string, now: Date): string {
  const ago = -(daysUntil(now, day) ?? 0);
  if (ago <= 0) return "Last used today";
  if (ago === 1) return "Last used yesterday";
  return counted(ago, { one: "Last used # day ago", other: "Last used # days ago" });
}
