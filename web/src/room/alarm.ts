/** What hosts are told when many come or ask at once. */
import type { Alarm } from "../api/types";

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
  const came = newcomers > 0 && `${newcomers.toLocaleString()} ${newcomers === 1 ? "person" : "people"} came`;
  const asked = requests > 0 && `${requests.toLocaleString()} asked to speak`;
  return `${[came, asked].filter(Boolean).join(" and ")} within seconds.`;
}

/** The shortest of these windows, in seconds, that reaches back to the beginning of it. */
export function windowSince(since: string, nowMs: number, windows: number[]): number {
  const seconds = (nowMs - Date.parse(since)) / 1_000 + MARGIN_S;
  return windows.find((window) => window >= seconds) ?? Math.max(...windows);
}
