/** What one is told outside the rooms: snapshot and event -> snapshot (docs/protocol.md, 7). Pure. */
import type { Conversation, MyEvent, MySnapshot, Notification } from "../api/types";

/** So many are kept of what comes live; older ones are asked for. */
export const KEPT = 50;

/** Before the server has said anything. */
export const NOTHING: MySnapshot = {
  unread: 0,
  notifications: [],
  messages: { unread: 0, asked: 0 },
  asking: [],
  conversations: [],
  moderation: null,
};

export function applyMine(seen: MySnapshot, event: MyEvent): MySnapshot {
  switch (event.type) {
    case "snapshot":
      return event.data;
    case "unread_changed":
      return { ...seen, unread: event.data.unread };
    case "moderation_changed":
      return { ...seen, moderation: event.data.moderation };
    case "messages_changed":
      return { ...seen, messages: event.data.messages };
    case "conversation_changed":
      return withConversation(seen, event.data.conversation);
    case "conversation_gone":
      return {
        ...seen,
        asking: except(seen.asking, event.data.id),
        conversations: except(seen.conversations, event.data.id),
      };
    case "notification_changed":
      return { ...seen, notifications: merged(seen.notifications, [event.data.notification]) };
    case "notification_gone":
      return { ...seen, notifications: except(seen.notifications, event.data.id) };
    default:
      return seen;
  }
}

/** Both lists as one, the newest first; what `fresh` says of a notification counts. */
export function merged(old: Notification[], fresh: Notification[], most = KEPT): Notification[] {
  const ids = new Set(fresh.map(({ id }) => id));
  const all = [...fresh, ...old.filter(({ id }) => !ids.has(id))];
  return all.sort(newestFirst).slice(0, most);
}

function except<Item extends { readonly id: string }>(list: Item[], id: string): Item[] {
  return list.filter((other) => other.id !== id);
}

/** A conversation stands in one of two lists, and moves from one to the other when it is accepted. */
function withConversation(seen: MySnapshot, fresh: Conversation): MySnapshot {
  const isAsked = fresh.standing === "asked";
  return {
    ...seen,
    asking: isAsked ? latest(seen.asking, [fresh], KEPT) : except(seen.asking, fresh.id),
    conversations: isAsked ? except(seen.conversations, fresh.id) : latest(seen.conversations, [fresh], KEPT),
  };
}

/** Both lists of conversations as one, the latest news first; what `fresh` says of one counts. */
export function latest(old: Conversation[], fresh: Conversation[], most: number): Conversation[] {
  const ids = new Set(fresh.map(({ id }) => id));
  const all = [...fresh, ...old.filter(({ id }) => !ids.has(id))];
  return all.sort((one, other) => Date.parse(other.at) - Date.parse(one.at)).slice(0, most);
}

/** Times are all in UTC and written alike but for their fractions; equal ones go by number. */
function newestFirst(one: Notification, other: Notification): number {
  return Date.parse(other.at) - Date.parse(one.at) || Number(other.id) - Number(one.id);
}
