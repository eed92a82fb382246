/** A URL is a screen: the one table of both, and the way to write a URL. */

export type Screen =
  | { name: "home" }
  /** `door`: which of the pages there; `provider`: from which one comes back. */
  | { name: "sign-in"; door: string; provider: string | undefined }
  | { name: "settings" }
  | { name: "notification-settings" }
  | { name: "confirm-email" }
  | { name: "unsubscribe"; key: string }
  | { name: "notifications" }
  | { name: "messages"; who: string }
  | { name: "schedule" }
  | { name: "share" }
  | { name: "moderation" | "admin"; rest: string }
  | { name: "space"; id: string }
  | { name: "post"; id: string }
  | { name: "person"; user: string }
  | { name: "explore" }
  | { name: "not-found" };

const DOOR = /^\/(sign-in|forgot-password|new-password)(?:\/([a-z0-9-]+))?$/;
const OF_STAFF = /^\/(moderation|admin)(?:\/(.*))?$/;
const TALK = /^\/messages(?:\/(@[a-z0-9_]{2,30}|[A-Za-z0-9_-]{1,64}))?\/?$/;
const SPACE = /^\/spaces\/([A-Za-z0-9_-]+)\/?$/;
const UNSUBSCRIBE = /^\/unsubscribe\/([A-Za-z0-9_-]{1,100})$/;
const POST = /^\/posts\/([A-Za-z0-9_-]+)\/?$/;
const PERSON = /^\/people\/@?([A-Za-z0-9_]{2,30})\/?$/;

/** The screen that lives at `pathname`. */
export function screenAt(pathname: string): Screen {
  if (pathname === "/") return { name: "home" };
  const [, door, provider] = DOOR.exec(pathname) ?? [];
  if (door) return { name: "sign-in", door, provider };
  if (pathname === "/settings") return { name: "settings" };
  if (pathname === "/confirm-email") return { name: "confirm-email" };
  const unsubscribing = UNSUBSCRIBE.exec(pathname)?.[1];
  if (unsubscribing) return { name: "unsubscribe", key: unsubscribing };
  if (pathname === NOTIFICATION_SETTINGS) return { name: "notification-settings" };
  if (pathname === "/notifications") return { name: "notifications" };
  if (pathname === "/schedule") return { name: "schedule" };
  if (pathname === SHARE) return { name: "share" };
  const staff = OF_STAFF.exec(pathname);
  if (staff) return { name: staff[1] as "moderation" | "admin", rest: staff[2] ?? "" };
  const talk = TALK.exec(pathname);
  if (talk) return { name: "messages", who: talk[1] ?? "" };
  if (pathname === "/explore") return { name: "explore" };
  const post = POST.exec(pathname)?.[1];
  if (post) return { name: "post", id: post };
  const person = PERSON.exec(pathname)?.[1];
  if (person) return { name: "person", user: person.toLowerCase() };
  const space = SPACE.exec(pathname)?.[1];
  return space ? { name: "space", id: space } : { name: "not-found" };
}

export const HOME = "/";
export const SETTINGS = "/settings";
/** How one is told. */
export const NOTIFICATION_SETTINGS = "/settings/notifications";
export const NOTIFICATIONS = "/notifications";
export const MESSAGES = "/messages";
export const SCHEDULE = "/schedule";
/** Where other apps lead with what they share. */
export const SHARE = "/share";
/** What moderators see; its own screen knows what lies behind it. */
export const MODERATION = "/moderation";
/** What administrators see, likewise. */
export const ADMIN = "/admin";
/** Home with the sheet for a new space open. */
export const NEW_SPACE = "/?new";

/** What is written with somebody (an id or `@name`), or in a conversation. */
export const messagesPath = (who: string) => `${MESSAGES}/${who}`;

export const postPath = (id: string) => `/posts/${id}`;
/** What somebody with a name shows of themselves; guests have no page. */
export const personPath = (name: string) => `/people/${name}`;
export const EXPLORE = "/explore";
/** Explore, ready to be typed in. */
export const FIND = `${EXPLORE}?find`;
/** What was found by words, and of spaces in a language. */
export const foundPath = (words: string, language = "") =>
  `${EXPLORE}?${new URLSearchParams({ ...(words && { q: words }), ...(language && { language }) })}`;
export const tagPath = (tag: string) => `/explore?tag=${encodeURIComponent(tag)}`;
export const spacePath = (id: string) => `/spaces/${id}`;

const INVITATION = /^#invitation=([A-Za-z0-9_-]{1,100})$/;

/** A space with the secret of an invitation link; what stands behind `#` is sent nowhere. */
export const invitationPath = (id: string, token: string) => `${spacePath(id)}#invitation=${token}`;

/** The secret in `hash`, or null. */
export const invitationIn = (hash: string): string | null => INVITATION.exec(hash)?.[1] ?? null;

/** The sign-in screen, which leads on to `next`. */
export const signInPath = (next: string) => `/sign-in?next=${encodeURIComponent(next)}`;

/** Where `search` of the sign-in screen leads on to: a path of this origin, nothing else. */
export function nextAfterSignIn(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? HOME;
  try {
    const url = new URL(next, location.origin);
    const isHere = url.origin === location.origin && !url.pathname.startsWith("//");
    return isHere ? url.pathname + url.search + url.hash : HOME;
  } catch {
    return HOME;
  }
}
