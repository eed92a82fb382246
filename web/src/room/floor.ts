/** How turns are given, in words: places, waits, badges, and how much of a turn is left. Pure. */
import type { Floor, Seat, Waiting } from "../api/types";
import { counted } from "../ui/locale";

export type FloorPolicy = Floor["policy"];

/** The head of the line in whole sentences: languages have their own order, and endings. */
const PLACES = [
  "",
  "You’re next",
  "You’re second in line",
  "You’re third in line",
  "You’re fourth in line",
  "You’re fifth in line",
  "You’re sixth in line",
  "You’re seventh in line",
  "You’re eighth in line",
  "You’re ninth in line",
  "You’re tenth in line",
];
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Younger than this an account is new. */
const NEW_DAYS = 7;
/** So many at the head of a fast lane are asked to check their microphone. */
export const PREPARED = 3;

/** What hosts choose from. */
export const POLICIES: readonly { value: FloorPolicy; title: string; detail: string }[] = [
  { value: "in_order", title: "In order", detail: "Whoever asked first comes up first." },
  {
    value: "first_timers",
    title: "First-timers first",
    detail: "Whoever was not heard here yet goes first.",
  },
  { value: "fast_lane", title: "Fast lane", detail: "One after another: Next! swaps whoever is up." },
];

export const policyWords = (policy: FloorPolicy): string =>
  POLICIES.find(({ value }) => value === policy)?.title ?? "";

/** "You’re next", "You’re third in line", "You’re number 14 in line". */
export function placeWords(place: number): string {
  return PLACES[place] || `You’re number ${place} in line`;
}

/** About how long it takes, or that nobody can know. `now`: the server's time in ms. */
export function waitWords(expectedAt: string | null, now: number): string {
  if (expectedAt === null) return "How long it takes cannot be told yet.";
  const minutes = Math.round((Date.parse(expectedAt) - now) / MINUTE_MS);
  if (minutes < 0) return "It takes longer than it did for others.";
  if (minutes === 0) return "In less than a minute.";
  return counted(minutes, { one: "About a minute.", other: "About # minutes." });
}

/** "30-second turns", "3 minute turns", or nothing where they have no end. */
export function turnWords(seconds: number | null): string {
  if (seconds === null) return "";
  return `Turns are ${lengthWords(seconds)}.`;
}

/** "30 seconds", "1 minute", "3 minutes". */
export function lengthWords(seconds: number): string {
  return seconds % 60 === 0
    ? counted(seconds / 60, { one: "# minute", other: "# minutes" })
    : counted(seconds, { one: "# second", other: "# seconds" });
}

/** "20 s turns", "2 min turns". */
export function turnsShort(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} min turns` : `${seconds} s turns`;
}

export interface Badge {
  text: string;
  tone?: "host" | "danger";
}

/** What a host sees beside somebody who asks, weightiest first. */
export function badgesOf({ about }: Waiting, now: number): Badge[] {
  const age = now - Date.parse(about.since);
  const badges: (Badge | false)[] = [
    about.removed > 0 && {
      text: counted(about.removed, { one: "Removed once", other: "Removed # times" }),
      tone: "danger",
    },
    about.spoke === 0 && { text: "First time on stage", tone: "host" },
    about.spoke > 0 && { text: counted(about.spoke, { one: "Spoke once", other: "Spoke # times" }) },
    about.followed_by_host && { text: "You follow" },
    about.follows_host && { text: "Follows you" },
    age < NEW_DAYS * DAY_MS && { text: newWords(age) },
  ];
  return badges.filter((badge) => badge !== false);
}

function newWords(age: number): string {
  const days = Math.floor(age / DAY_MS);
  if (days > 0) return counted(days, { one: "Here # day", other: "Here # days" });
  const hours = Math.floor(age / (60 * MINUTE_MS));
  return hours > 0 ? `Here ${hours} h` : "New here";
}

export interface TurnLeft {
  seconds: number;
  /** Of the whole turn, 0 to 1. */
  part: number;
  /** The time is up: the last sentence. */
  isOver: boolean;
  /** Ten seconds or fewer. */
  isShort: boolean;
}

const SHORT_S = 10;

/** How much of somebody's turn is left; null where it has no end. */
export function turnLeft(seat: Seat, turnSeconds: number | null, now: number): TurnLeft | null {
  if (!seat.turn_ends_at) return null;
  const left = (Date.parse(seat.turn_ends_at) - now) / 1000;
  // A clock that is behind by less than a second does not show more than there is.
  const isWhole = turnSeconds !== null && left > turnSeconds && left < turnSeconds + 1;
  const seconds = isWhole ? turnSeconds : Math.max(0, Math.ceil(left));
  const whole = Math.max(turnSeconds ?? seconds, seconds, 1);
  return {
    seconds,
    part: Math.max(0, Math.min(1, left / whole)),
    isOver: left <= 0,
    isShort: left <= SHORT_S,
  };
}

/** Whom the line goes on with: the newest seat with an end to its turn. */
export function onTurn(stage: Seat[]): Seat | null {
  return stage.filter((seat) => seat.turn_ends_at !== null).at(-1) ?? null;
}
