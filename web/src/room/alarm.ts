/** What hosts are told when many come or ask at once. */
import type { Alarm } from "../api/types";
import { counted } from "../ui/locale";

/** A little more than what has gone by: whoever came first came a moment before it was noticed. */
const MARGIN_S = 5;

/** Which alarm of each space was put away in this tab: a page that is loaded anew does not raise it again. */
const STORE = "convivium.alarm.";

export function isPutAway(space: string, { since }: Alarm): boolean {
  try {
    return sessionStorage.getItem(STORE + space) === since;
  } catch {
    return false;
  }
}

export function putAway(space: string, { since }: Alarm): void {
  try {
    sessionStorage.setItem(STORE + space, since);
  } catch {
    // Without a store it holds until the page is closed.
  }
}

/** How many came and asked, in words. */
export function alarmWords({ newcomers, requests }: Alarm): string {
  const came = counted(newcomers, { one: "# person came", other: "# people came" });
  const asked = counted(requests, { one: "# asked to speak", other: "# asked to speak" });
  if (newcomers > 0 && requests > 0) return `${came} and ${asked} within seconds.`;
  return newcomers > 0 ? `${came} within seconds.` : `${asked} within seconds.`;
}

/** The shortest of these windows, in seconds, that reaches back to the beginning of it. */
export function windowSince(since: string, nowMs: number, windows: number[]): number {
  const seconds = (nowMs - Date.parse(since)) / 1_000 + MARGIN_S;
  return windows.find((window) => window >= seconds) ?? Math.max(...windows);
}
