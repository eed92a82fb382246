/** What there is to say when the picture of a space changes: pure, before + after -> sentences. */
import { serverNow } from "../api/server-time";
import type { Seat, Snapshot } from "../api/types";
import { placeWords } from "./floor";

export interface Change {
  text: string;
  /** About oneself: shown to the eye too. About others: for screen readers, who cannot see the table. */
  about: "me" | "others";
}

/** The sentences for everything that became different between two snapshots of one space. */
export function changesBetween(before: Snapshot, after: Snapshot, now = serverNow()): Change[] {
  return [
    ...changesOfMusic(before, after),
    ...changesForMe(before, after, now),
    ...changesInLine(before, after),
    ...changesAtTheTable(before, after),
  ];
}

/** Who sits at a microphone has to know what it does now; everybody else may. */
function changesOfMusic(before: Snapshot, after: Snapshot): Change[] {
  const { music } = after.space;
  const isSeated = seatOf(after, after.you.person?.id) !== undefined;
  const wasTold = seatOf(before, after.you.person?.id) !== undefined;
  if (before.space.music === music && (!music || !isSeated || wasTold)) return [];
  if (!isSeated) return [{ text: music ? "Music mode is on." : "Music mode is off.", about: "others" }];
  const text = music
    ? "Music mode is on. Wear headphones: your browser cancels no echo now."
    : "Music mode is off. Your voice is cleaned and levelled again.";
  return [{ text, about: "me" }];
}

function changesForMe(before: Snapshot, after: Snapshot, now: number): Change[] {
  const me = after.you.person?.id;
  const was = seatOf(before, me);
  const is = seatOf(after, me);
  const said: string[] = [];
  if (!was && is) said.push(upWords(is));
  if (was && !is) said.push(downWords(was, now));
  if (was && is && was.role !== is.role) said.push(NEW_ROLE[is.role]);
  if (before.you.request && !after.you.request && !is) said.push("You are no longer in line.");
  return said.map((text) => ({ text, about: "me" }));
}

function upWords(seat: Seat): string {
  if (seat.confirm_by) return "It is your turn. Say yes within 15 seconds.";
  return seat.muted ? "You are on the stage. Your microphone is off." : "You are on. Everyone hears you.";
}

function downWords(was: Seat, now: number): string {
  if (was.confirm_by) return "Your turn went by.";
  if (was.turn_ends_at && Date.parse(was.turn_ends_at) <= now)
    return "Your time is up. Thank you for speaking.";
  return "You are back among the listeners.";
}

/** One's own place, for ears: the eye has it on the button all the time. */
function changesInLine(before: Snapshot, after: Snapshot): Change[] {
  const was = before.you.request?.place;
  const is = after.you.request?.place;
  return was && is && was !== is ? [{ text: `${placeWords(is)}.`, about: "others" }] : [];
}

const NEW_ROLE: Record<Seat["role"], string> = {
  host: "You are the host now.",
  co_host: "You are a co-host now.",
  speaker: "You are a speaker now.",
};

function changesAtTheTable(before: Snapshot, after: Snapshot): Change[] {
  const me = after.you.person?.id;
  const arrived = after.stage.filter((seat) => !seatOf(before, seat.person.id));
  const left = before.stage.filter((seat) => !seatOf(after, seat.person.id));
  const said = [
    ...others(arrived, me).map((name) => `${name} is on the stage.`),
    ...others(left, me).map((name) => `${name} left the stage.`),
  ];
  return said.map((text) => ({ text, about: "others" }));
}

function others(seats: Seat[], me: string | undefined): string[] {
  return seats.filter((seat) => seat.person.id !== me).map((seat) => seat.person.display_name);
}

function seatOf(view: Snapshot, person: string | undefined): Seat | undefined {
  return view.stage.find((seat) => seat.person.id === person);
}
