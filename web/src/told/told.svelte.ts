/** What one is told outside the room: kept up to date as long as one is signed in, whatever the screen. */
import type { Conversation, MyEvent, MySnapshot, Notification, Person } from "../api/types";
import { applyMine, NOTHING } from "../live/mailbox";
import { followMine } from "../live/shared-stream";
import { recogniseAgain } from "../me.svelte";

let seen = $state.raw<MySnapshot | null>(null);
/** Whoever is away for long reads on from the top. */
const FRESH_MAX = 100;
/** By itself: whoever follows it hears of nothing else that one is told. */
const moderation = $derived(seen?.moderation ?? null);
const messages = $derived(seen?.messages.unread ?? 0);
const asked = $derived(seen?.messages.asked ?? 0);
/** Who put something into one's timeline since one looked, each time once. */
let fresh: readonly Person[] = $state.raw([]);
let lastId: string | null = null;

export const told = {
  /** Null until the server has said. */
  get newest(): Notification[] | null {
    return seen?.notifications ?? null;
  },
  get unread(): number {
    return seen?.unread ?? 0;
  },
  /** How many messages one has not read. */
  get messages(): number {
    return messages;
  },
  /** How many conversations wait for one's answer. */
  get asked(): number {
    return asked;
  },
  /** The newest conversations, those that wait for an answer among them; null until the server has said. */
  get conversations(): Conversation[] | null {
    return seen && [...seen.conversations, ...seen.asking];
  },
  /** How many cases are open; 0 for whoever is no moderator. */
  get cases(): number {
    return moderation?.open_cases ?? 0;
  },
  /** What waits for moderators: another object each time that something comes in or is settled. */
  get moderation(): MySnapshot["moderation"] {
    return moderation;
  },
  get fresh(): readonly Person[] {
    return fresh;
  },
  /** One looks at the timeline: nothing in it is new any more. */
  seeTimeline(): void {
    fresh = [];
  },
};

/** Follow what `person` is told; `arrived` is called for what is new and unread. Returns a function that ends it. */
export function followTold(person: string, arrived: (fresh: Notification) => void): () => void {
  const stop = followMine<MyEvent>(person, {
    windowMs: () => 0,
    lastId: () => lastId,
    snapshot: () => (seen && lastId ? { id: lastId, type: "snapshot", data: seen } : null),
    event: (event) => take(event, arrived),
    // The session is over, or the account is: this page may still think that it is somebody.
    refused: () => void recogniseAgain().catch(() => undefined),
  });
  return () => {
    stop();
    seen = null;
    fresh = [];
    lastId = null;
  };
}

function take(event: MyEvent, arrived: (fresh: Notification) => void): void {
  if (event.type === "goodbye") {
    if (!event.data.reconnect) void recogniseAgain().catch(() => undefined);
    return;
  }
  const known = seen?.notifications ?? [];
  lastId = event.id;
  if (event.type === "timeline_grew" && fresh.length < FRESH_MAX) fresh = [...fresh, event.data.person];
  seen = applyMine(seen ?? NOTHING, event);
  if (event.type !== "notification_changed") return;
  const { notification } = event.data;
  const before = known.find(({ id }) => id === notification.id);
  if (!notification.read && before?.at !== notification.at) arrived(notification);
}
