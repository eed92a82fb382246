/** What hosts are told when many come or ask at once. */
import type { Alarm } from "../api/types";

/** A little more than what has gone by: whoever came first came a moment before it was noticed. */
const MARGIN_S = 5;

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
