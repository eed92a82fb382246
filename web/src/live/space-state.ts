/**
 * What one sees of a space, as a pure function: snapshot + event -> snapshot.
 * Every event carries the new value, so applying one twice does no harm (docs/protocol.md, 5).
 */
import type { Chat, EventData, Line, LiveEvent, Person, Seat, Shared, Snapshot } from "../api/types";

/** The snapshot after `event`; the same object when nothing in it changes. */
export function apply(snapshot: Snapshot, event: LiveEvent): Snapshot {
  switch (event.type) {
    case "snapshot":
      return event.data;
    case "space_changed":
      return { ...snapshot, space: event.data.space };
    case "seat_changed":
      return { ...snapshot, stage: withSeat(snapshot.stage, event.data.seat) };
    case "seat_left":
      return { ...snapshot, stage: snapshot.stage.filter((s) => s.person.id !== event.data.person_id) };
    case "floor_changed":
      return { ...snapshot, floor: event.data.floor };
    case "counts_changed":
      return { ...snapshot, counts: event.data.counts };
    case "reactions_changed":
      return { ...snapshot, reactions: event.data.reactions };
    case "stage_reactions_changed":
      return { ...snapshot, stage_reactions: event.data.stage_reactions };
    case "chat_changed":
      return { ...snapshot, chat: withLines(snapshot.chat.lines, event.data.chat, event.data.first) };
    case "shared_changed":
      return { ...snapshot, shared: withShared(snapshot.shared, event.data) };
    case "person_arrived":
      return { ...snapshot, people: withPerson(snapshot.people ?? [], event.data.person) };
    case "person_left":
      return { ...snapshot, people: without(snapshot.people ?? [], event.data.person_id) };
    case "queue_changed":
      return { ...snapshot, queue: event.data.queue };
    case "capacity_changed":
      return { ...snapshot, capacity: event.data.capacity };
    case "alarm_changed":
      return { ...snapshot, alarm: event.data.alarm };
    case "you_changed":
      return { ...snapshot, you: event.data.you };
    default:
      // A goodbye changes nothing here, and a newer server may have events this page does not know.
      return snapshot;
  }
}

function withSeat(stage: Seat[], seat: Seat): Seat[] {
  const at = stage.findIndex((other) => other.person.id === seat.person.id);
  return at < 0 ? [...stage, seat] : stage.with(at, seat);
}

/** New lines take their places by number; what is taken away or too long ago goes. */
function withLines(shown: Line[], chat: Chat, first: number | null): Chat {
  const lines = new Map([...shown, ...chat.lines].map((line) => [line.number, line]));
  for (const number of chat.taken) lines.delete(number);
  const kept = [...lines.values()].filter(({ number }) => first !== null && number >= first);
  return { ...chat, lines: kept.sort((one, other) => one.number - other.number) };
}

function withShared(shown: Shared[], { shared, gone }: EventData["shared_changed"]): Shared[] {
  const items = new Map([...shown, ...shared].map((item) => [item.id, item]));
  for (const id of gone) items.delete(id);
  return [...items.values()];
}

function withPerson(people: Person[], person: Person): Person[] {
  const at = people.findIndex((other) => other.id === person.id);
  return at < 0 ? [...people, person] : people.with(at, person);
}

function without(people: Person[], id: string): Person[] {
  return people.filter((person) => person.id !== id);
}
