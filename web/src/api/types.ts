/**
 * What travels between the server and this page, in the words of docs/protocol.md.
 * Shapes only: nothing here decides or converts.
 */

export type Policy = "everyone" | "invited";
export type Role = "host" | "co_host" | "speaker" | "listener";

export interface Person {
  id: string;
  /** Null for a guest. */
  name: string | null;
  display_name: string;
}

export interface Me {
  kind: "account" | "guest";
  id: string;
  name: string | null;
  display_name: string;
  role: "member" | "moderator" | "admin" | null;
  /** Whether others see this person's name among the listeners. */
  listed: boolean;
}

export interface Space {
  id: string;
  title: string;
  description: string | null;
  topics: string[];
  languages: string[];
  state: "draft" | "live" | "ended";
  listen_policy: Policy;
  speak_policy: Policy;
  requests: "everyone" | "off";
  host: Person;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
}

export interface Seat {
  person: Person;
  role: "host" | "co_host" | "speaker";
  muted: boolean;
  /** False while the person's call is lost and the seat is kept. */
  connected: boolean;
  /** The contributing source (RFC 3550, 5.1) under which this person is heard in the mix. */
  source: number;
  seated_at: string;
}

export interface Request {
  person: Person;
  note: string;
  asked_at: string;
  /** Place in line, from 1. */
  place: number;
}

export interface Invitation {
  role: "listener" | "speaker" | "co_host";
}

export interface You {
  kind: "account" | "guest" | "anonymous";
  person: Person | null;
  role: Role;
  may_listen: boolean;
  may_ask: boolean;
  may_take_seat: boolean;
  removed: boolean;
  request: Request | null;
  invitation: Invitation | null;
}

export interface Counts {
  /** People with a call and no seat. */
  listeners: number;
  requests: number;
}

/** A space as a list or a door shows it; stage and counts are null for who may not listen. */
export interface Card extends Space {
  stage: Seat[] | null;
  counts: Counts | null;
  you: You;
}

/** Everything one person may see of a space; `queue` and `people` are for its hosts only. */
export interface Snapshot {
  space: Space;
  stage: Seat[];
  counts: Counts;
  listeners: Person[];
  you: You;
  queue: Request[] | null;
  people: Person[] | null;
}

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

export type GoodbyeReason = "removed" | "ended" | "signed_out" | "restarting";

/** Type of an event -> its data (docs/protocol.md, 5). */
export interface EventData {
  snapshot: Snapshot;
  space_changed: { space: Space };
  seat_changed: { seat: Seat };
  seat_left: { person_id: string };
  counts_changed: { counts: Counts };
  listener_arrived: { person: Person };
  listener_left: { person_id: string };
  person_arrived: { person: Person };
  person_left: { person_id: string };
  queue_changed: { queue: Request[] };
  you_changed: { you: You };
  goodbye: { reason: GoodbyeReason; reconnect: boolean };
}

export type EventType = keyof EventData;

/** One live event; `id` is `<epoch>-<number>`. */
export type LiveEvent = { [T in EventType]: { id: string; type: T; data: EventData[T] } }[EventType];
