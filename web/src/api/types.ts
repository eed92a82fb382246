/**
 * What travels between the server and this page, in the words of docs/protocol.md.
 * The shapes are the server's own (shapes.ts); here are the names this page has for their parts.
 */
import type { Chat, EventData, Goodbye, Invitation, MyEventData, Space, You } from "./shapes";

export type {
  Capacity,
  Card,
  CardPage,
  Chat,
  Counts,
  EventData,
  Floor,
  Invitation,
  Line,
  Link,
  Links,
  ListenerPage,
  MadeLink,
  Me,
  MySnapshot,
  Notification,
  NotificationPage,
  PeoplePage,
  Person,
  Profile,
  Related,
  RelatedPage,
  Relation,
  Request,
  Seat,
  Shared,
  Snapshot,
  Space,
  Waiting,
  You,
} from "./shapes";

export type Policies = Pick<Space, "listen_policy" | "speak_policy" | "requests" | "anonymous_listening">;
export type InvitedRole = Invitation["role"];
/** Who writes, how often one person, and whether it stays after the end. */
export type ChatRules = Pick<Chat, "writers" | "slow_seconds" | "kept">;
export type Role = You["role"];
export type GoodbyeReason = Goodbye["reason"];
export type EventType = keyof EventData;

/** One event of one's own stream. */
export type MyEvent = {
  [T in keyof MyEventData]: { id: string; type: T; data: MyEventData[T] };
}[keyof MyEventData];

/** One live event; `id` is `<epoch>-<number>`. */
export type LiveEvent = { [T in EventType]: { id: string; type: T; data: EventData[T] } }[EventType];
