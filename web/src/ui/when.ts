/** Moments as people of this browser's time zone read them. Every function takes the moment it is asked at. */

import { counted, locale as ours, term } from "./locale";

export const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** "19:30", as the reader's language writes it. */
export function timeOf(moment: Date, locale = ours): string {
  return moment.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
}

/** "19:30" today, "tomorrow 19:30", "Thu 26, 19:30" on any other day. */
export function whenOf(moment: Date, now: Date, locale = ours): string {
  const days = daysBetween(now, moment);
  if (days === 0) return timeOf(moment, locale);
  if (days === 1) return `tomorrow ${timeOf(moment, locale)}`;
  return `${dayOf(moment, locale)}, ${timeOf(moment, locale)}`;
}

/** "Thu 26". */
export function dayOf(moment: Date, locale = ours): string {
  const name = moment.toLocaleDateString(locale, { weekday: "short" });
  return `${name} ${moment.getDate()}`;
}

/** "Thursday 26 November, 19:30". */
export function longDate(moment: Date, locale = ours): string {
  const day = moment.toLocaleDateString(locale, { weekday: "long", day: "numeric", month: "long" });
  return `${day.replace(",", "")}, ${timeOf(moment, locale)}`;
}

/** "in 26 min", "in 3 h 05", "in 4 days"; "now" when it has come. */
export function inHowLong(moment: Date, now: Date): string {
  const minutes = Math.ceil((moment.getTime() - now.getTime()) / MINUTE_MS);
  if (minutes <= 0) return term("now");
  if (minutes < 60) return `in ${minutes} min`;
  if (minutes < 24 * 60) return `in ${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
  const days = daysBetween(now, moment);
  return days === 1 ? term("tomorrow") : counted(days, { one: "in # day", other: "in # days" });
}

/** "now", "2 min", "5 h", "9 days": how long ago `moment` was. */
export function agoOf(moment: Date, now: Date): string {
  const minutes = Math.floor((now.getTime() - moment.getTime()) / MINUTE_MS);
  if (minutes < 1) return term("now");
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h`;
  const days = Math.floor(minutes / (24 * 60));
  return counted(days, { one: "# day", other: "# days" });
}

/** As `agoOf` within a week; before that its day: "12 Nov", "12 Nov 2024". */
export function agoOrDay(moment: Date, now: Date, locale = ours): string {
  if (now.getTime() - moment.getTime() < 7 * DAY_MS) return agoOf(moment, now);
  const isThisYear = moment.getFullYear() === now.getFullYear();
  const year = isThisYear ? {} : ({ year: "numeric" } as const);
  return moment.toLocaleDateString(locale, { day: "numeric", month: "short", ...year });
}

/** What is left, in whole days, hours and minutes of 60: a day with a change of the clocks has 24 too. */
export function left(moment: Date, now: Date): { days: number; hours: number; minutes: number } {
  const ms = Math.max(0, moment.getTime() - now.getTime());
  return {
    days: Math.floor(ms / DAY_MS),
    hours: Math.floor((ms % DAY_MS) / HOUR_MS),
    minutes: Math.floor((ms % HOUR_MS) / MINUTE_MS),
  };
}

/** How many midnights lie between; clocks that change make days of 23 and 25 hours, so the calendar is asked. */
export function daysBetween(from: Date, to: Date): number {
  const noon = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate(), 12);
  return Math.round((noon(to) - noon(from)) / DAY_MS);
}

/** The local day `days` after the one of `now`, at its first moment. */
export function dayAfter(now: Date, days: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
}

/**
 * The moment at which clocks here show `time` ("19:30") on the day of `day`; null for what is no time.
 * A time that the clocks leave out is the same number of minutes after the gap's beginning; one that they show
 * twice is the first of both (ECMA-262, UTC(t)). `isShifted` says that clocks will show another time.
 */
export function momentAt(day: Date, time: string): { moment: Date; isShifted: boolean } | null {
  const parts = /^(\d{1,2}):(\d{2})$/.exec(time);
  if (!parts) return null;
  const [hours, minutes] = [Number(parts[1]), Number(parts[2])];
  if (hours > 23 || minutes > 59) return null;
  const moment = new Date(day.getFullYear(), day.getMonth(), day.getDate(), hours, minutes);
  return { moment, isShifted: moment.getHours() !== hours || moment.getMinutes() !== minutes };
}

/** "19:30" as a field for times takes it, whatever the reader's language. */
export function fieldTime(moment: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

/** The local day of `moment` as a field for days takes it: "2026-03-01". */
export function fieldDay(moment: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

/** How many days after the one of `now` the day is that such a field holds: "2026-03-01", or something else. */
export function daysUntil(now: Date, field: string): number | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(field);
  if (!parts) return null;
  return daysBetween(now, new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])));
}

/** The city that names this browser's time zone: "Stockholm". */
export function zoneName(): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";
  return zone.split("/").at(-1)?.replaceAll("_", " ") ?? zone;
}
