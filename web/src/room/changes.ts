/** What there is to say when the picture of a space changes: pure, before + after -> sentences. */
import type { Seat, Snapshot } from "../api/types";

export interface Change {
  text: string;
  /** About oneself: shown to the eye too. About others: for screen readers, who cannot see the table. */
  about: "me" | "others";
}

/** The sentences for everything that became different between two snapshots of one space. */
export function changesBetween(before: Snapshot, after: Snapshot): Change[] {
  return [...changesForMe(before, after), ...changesAtTheTable(before, after)];
}

function changesForMe(before: Snapshot, after: Snapshot): Change[] {
  const me = after.you.person?.id;
  const was = seatOf(before, me);
  const is = seatOf(after, me);
  const said: string[] = [];
  if (!was && is) said.push("You are on the stage. Your microphone is off.");
  if (was && !is) said.push("You are back among the listeners.");
  if (was && is && was.role !== is.role) said.push(NEW_ROLE[is.role]);
  if (before.you.request && !after.you.request && !is) said.push("You are no longer in line.");
  return said.map((text) => ({ text, about: "me" }));
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
