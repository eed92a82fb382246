/**
 * What travels between the server and this page, in the words of docs/protocol.md.
 * The shapes are the server's own (shapes.ts); here are the names this page has for their parts.
 */
import type { EventData, Goodbye, Invitation, MyEventData, Space, You } from "./shapes";

export type {
  Capacity,
  Card,
  CardPage,
  Counts,
  EventData,
  Floor,
  Invitation,
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
  Snapshot,
  Space,
  Waiting,
  You,
} from "./shapes";

export type Policies = Pick<Space, "listen_policy" | "speak_policy" | "requests" | "anonymous_listening">;
export type InvitedRole = Invitation["role"];
export type Role = You["role"];
export type GoodbyeReason = Goodbye["reason"];
export type EventType = keyof EventData;

/** One event of one's own stream. */
export type MyEvent = {
  [T in keyof MyEventData]: { id: string; type: T; data: MyEventData[T] };
}[keyof MyEventData];

/** One live event; `id` is `<epoch>-<number>`. */
export type LiveEvent = { [T in EventType]: { id: string; type: T; data: EventData[T] } }[EventType];
