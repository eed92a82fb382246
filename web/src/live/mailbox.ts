/** What one is told outside the rooms: snapshot and event -> snapshot (docs/protocol.md, 7). Pure. */
import type { MyEvent, MySnapshot, Notification } from "../api/types";

/** So many are kept of what comes live; older ones are asked for. */
export const KEPT = 50;

export function applyMine(seen: MySnapshot, event: MyEvent): MySnapshot {
  switch (event.type) {
    case "snapshot":
      return event.data;
    case "unread_changed":
      return { ...seen, unread: event.data.unread };
    case "moderation_changed":
      return { ...seen, moderation: event.data.moderation };
    case "notification_changed":
      return { ...seen, notifications: merged(seen.notifications, [event.data.notification]) };
    case "notification_gone":
      return { ...seen, notifications: without(seen.notifications, event.data.id) };
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

function without(list: Notification[], id: string): Notification[] {
  return list.filter((other) => other.id !== id);
}

/** Times are all in UTC and written alike but for their fractions; equal ones go by number. */
function newestFirst(one: Notification, other: Notification): number {
  return Date.parse(other.at) - Date.parse(one.at) || Number(other.id) - Number(one.id);
}
