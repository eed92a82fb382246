/** How long a suspension lasts, as one chooses it. Pure. */
import { dayAfter } from "../../ui/when";

export const ENDS = [
  { value: "1", title: "1 day" },
  { value: "7", title: "7 days" },
  { value: "30", title: "30 days" },
  { value: "good", title: "For good" },
  { value: "own", title: "Until a day" },
] as const;

export type End = (typeof ENDS)[number]["value"];

const DAY_MS = 24 * 3600_000;
/** Longer than this is for good (the server's rule). */
const LONGEST_DAYS = 366;

/**
 * The end that was chosen: a moment, or null for good; undefined while it is none that can be.
 * `day` ("2026-12-01") is the last one of the suspension.
 */
export function endOf(end: End, day: string, now: Date): Date | null | undefined {
  if (end === "good") return null;
  if (end !== "own") return new Date(now.getTime() + Number(end) * DAY_MS);
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (!parts) return undefined;
  const [year, month, date] = parts.slice(1).map(Number) as [number, number, number];
  const moment = dayAfter(new Date(year, month - 1, date), 1);
  return moment > now && moment.getTime() <= now.getTime() + LONGEST_DAYS * DAY_MS ? moment : undefined;
}
