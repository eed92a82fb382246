/** How long something has lasted, as clocks and as words show it. */
import { words } from "./words";

/** Whole seconds since a moment; never negative, since clocks of two machines differ. */
export function secondsSince(moment: Date | string | number, now: number): number {
  return Math.max(0, Math.floor((now - new Date(moment).getTime()) / 1000));
}

/** "4:05", "48:12", "1:03:40". */
export function clock(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** "48 min", "1 h 05". */
export function roughly(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? words.minutes(minutes) : words.hours(Math.floor(minutes / 60), minutes % 60);
}
