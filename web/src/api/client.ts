/**
 * One function for each thing this page asks of the server (docs/protocol.md).
 * Every request has a time limit, and fails as a `Refusal` or as `Unreachable`, never otherwise.
 */
import { learnAge, PROTOCOL } from "./age";
import { refusalOf, Unreachable } from "./errors";
import { learnTime } from "./server-time";
import type {
  Card,
  CardPage,
  Floor,
  ListenerPage,
  Me,
  NotificationPage,
  PeoplePage,
  Policies,
  Profile,
  RelatedPage,
  Request,
} from "./types";

const PREFIX = "/api/v1";
/** Longer than the slowest honest answer (a password check waiting in line), shorter than patience. */
const TIMEOUT_MS = 10_000;
/** Names a run of the server, from its start to its end. */
const LIFE = "convivium-life";
/** A server that is there answers this from memory. */
const READY_TIMEOUT_MS = 1_000;

interface Options {
  json?: unknown;
  body?: string | Blob;
  headers?: Record<string, string>;
  /** Null for a stream, which has no end of its own. */
  timeoutMs?: number | null;
  signal?: AbortSignal;
  keepalive?: boolean;
}

/** Send one request and give back the answer, whatever body it has. Throws `Refusal` or `Unreachable`. */
export async function send(method: string, path: string, options: Options = {}): Promise<Response> {
  const response = await reach(method, PREFIX + path, options);
  learnAge(response);
  learnTime(response.headers?.get("date") ?? null);
  if (!response.ok) throw await refusalOf(response);
  return response;
}

async function reach(method: string, url: string, options: Options): Promise<Response> {
  const { json, timeoutMs = TIMEOUT_MS, signal, keepalive = false } = options;
  const headers: Record<string, string> = {
    accept: "application/json",
    "convivium-protocol": PROTOCOL,
    ...options.headers,
  };
  if (json !== undefined) headers["content-type"] = "application/json";
  const limits = timeoutMs === null ? [] : [AbortSignal.timeout(timeoutMs)];
  if (signal) limits.push(signal);
  try {
    return await fetch(url, {
      method,
      headers,
      body: json === undefined ? (options.body ?? null) : JSON.stringify(json),
      signal: AbortSignal.any(limits),
      keepalive,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable();
  }
}

export async function answer<T>(method: string, path: string, json?: unknown, headers = {}): Promise<T> {
  const response = await send(method, path, json === undefined ? {} : { json, headers });
  return (await response.json()) as T;
}

export async function done(method: string, path: string, json?: unknown): Promise<void> {
  await send(method, path, json === undefined ? {} : { json });
}

// Who one is

export const whoAmI = () => answer<Me>("GET", "/me");
/** `invite` is from the one-time link that makes an administrator. */
export const signUp = (account: {
  name: string;
  display_name: string;
  /** One of both. */
  password?: string;
  passkey?: unknown;
  /** Or a provider has just said who one is there. */
  provider?: boolean;
  invite?: string;
  /** The code that it takes where only invited people can sign up. */
  invitation?: string;
  /** Where one has to be of some age. */
  birth_date?: string;
  /** A word to staff, and where they let one know, where there is a waiting list. */
  note?: string;
  email?: string;
}) => answer<Me>("POST", "/accounts", account);
export const signIn = (name: string, password: string) => answer<Me>("POST", "/sessions", { name, password });
export const signInWith = (passkey: unknown) => answer<Me>("POST", "/sessions/passkey", { passkey });
export const signInByCode = (name: string, code: string) =>
  answer<Me>("POST", "/sessions/recovery", { name, code });
export const signOut = () => done("DELETE", "/sessions/current");
export interface MyChange {
  display_name?: string;
  bio?: string;
  links?: string[];
  topics?: string[];
  listed?: boolean;
  protected?: boolean;
}
export const changeMe = (change: MyChange) => answer<Me>("PATCH", "/me", change);

// A space

export interface NewSpace extends Partial<Policies> {
  title: string;
  description?: string;
  topics?: string[];
  languages?: string[];
  /** RFC 3339; without it the space is a draft. */
  starts_at?: string;
  music?: boolean;
}

export const liveSpaces = () => answer<CardPage>("GET", "/spaces?state=live&limit=50");
export const findSpace = (space: string) => answer<Card>("GET", `/spaces/${space}`);
/** The same request with the same key makes one space, however often it is sent. */
export const createSpace = (space: NewSpace, key: string) =>
  answer<Card>("POST", "/spaces", space, { "idempotency-key": key });
export const changeSpace = (space: string, change: { music: boolean }) =>
  answer<Card>("PATCH", `/spaces/${space}`, change);
export const startSpace = (space: string) => answer<Card>("POST", `/spaces/${space}/start`);
export const scheduledSpaces = (limit: number, host?: string) =>
  answer<CardPage>("GET", `/spaces?state=scheduled&limit=${limit}${host ? `&host=${host}` : ""}`);
export const spacesOf = (host: string, state: "live" | "scheduled" | "ended", limit: number) =>
  answer<CardPage>("GET", `/spaces?state=${state}&limit=${limit}&host=${host}`);
/** The space one held last, as a page of one or none. */
export const lastSpaces = () => answer<CardPage>("GET", "/spaces?state=ended&host=me&limit=1");
export const remindMe = (space: string) => done("PUT", `/spaces/${space}/reminders/me`);
export const remindMeNoMore = (space: string) => done("DELETE", `/spaces/${space}/reminders/me`);
export const calendarPath = (space: string) => `${PREFIX}/spaces/${space}/calendar.ics`;
export const endSpace = (space: string) => answer<Card>("POST", `/spaces/${space}/end`);
export const declineInvitation = (space: string) => done("DELETE", `/spaces/${space}/invitations/me`);
/** Be invited by the secret of a link; who was nobody is a guest then. */
export const openInvitation = (space: string, token: string) =>
  answer<Card>("POST", `/spaces/${space}/invitations`, { token });
export const remove = (space: string, user: string) => done("PUT", `/spaces/${space}/removals/${user}`);

// People

/** Who listens, whom one follows first; `cursor` from the page before. */
export const listenersOf = (space: string, cursor: string | null) =>
  answer<ListenerPage>("GET", `/spaces/${space}/listeners${cursor ? `?cursor=${cursor}` : ""}`);
export const findPerson = (user: string) => answer<Profile>("GET", `/people/${user}`);
/** How one stands to each of at most 50 people. */
export const relatedTo = (people: string[]) => answer<RelatedPage>("GET", `/people?ids=${people.join()}`);
export const sayAbout = (user: string, word: "follow" | "block" | "mute" | "bell") =>
  done("PUT", `/people/${user}/${word}`);
export const takeBack = (user: string, word: "follow" | "block" | "mute" | "bell") =>
  done("DELETE", `/people/${user}/${word}`);
/** Who waits to be let follow one, a page at a time. */
export const followRequests = (cursor: string | null) =>
  answer<PeoplePage>("GET", `/people/me/follow-requests${cursor ? `?cursor=${cursor}` : ""}`);

export const answerFollower = (person: string, isWelcome: boolean) =>
  done(isWelcome ? "PUT" : "DELETE", `/people/me/follow-requests/${person}`);

export const listOfMine = (which: "blocks" | "mutes", cursor: string | null) =>
  answer<PeoplePage>("GET", `/people/me/${which}${cursor ? `?cursor=${cursor}` : ""}`);

// What one is told

export const notifications = (cursor: string | null) =>
  answer<NotificationPage>("GET", `/notifications${cursor ? `?cursor=${cursor}` : ""}`);
export const readUpTo = (notification: string) => done("PUT", "/notifications/read", { up_to: notification });

// The queue and the stage

export type FloorRules = Omit<Floor, "line" | "next">;

export const askToSpeak = (space: string, note: string) =>
  answer<Request>("POST", `/spaces/${space}/requests`, note ? { note } : {});
export const leaveTheLine = (space: string) => done("DELETE", `/spaces/${space}/requests/me`);
/** My microphone is checked, and may be open from the first moment on. */
export const beReady = (space: string) => done("PUT", `/spaces/${space}/requests/me/ready`);
export const beReadyNoMore = (space: string) => done("DELETE", `/spaces/${space}/requests/me/ready`);
/** Say how turns are given; what is left out stays. */
export const changeFloor = (space: string, change: Partial<FloorRules>) =>
  answer<Floor>("PUT", `/spaces/${space}/queue`, change);
/** Give somebody a seat, or an invitation to one if they did not ask. */
export const seat = (space: string, user: string, role: "speaker" | "co_host") =>
  done("PUT", `/spaces/${space}/stage/${user}`, { role });
export const moveBack = (space: string, user: string) => done("DELETE", `/spaces/${space}/stage/${user}`);
export const mute = (space: string, user: string) => done("PUT", `/spaces/${space}/mutes/${user}`);
export const unmuteMe = (space: string) => done("DELETE", `/spaces/${space}/mutes/me`);
export const muteAll = (space: string) => done("PUT", `/spaces/${space}/mutes`);

// The call

export interface Answered {
  sdp: string;
  /** Where this call is changed and ended, a path of this origin. */
  address: string;
  /** Which run of the server answered; null when it does not say. */
  life: string | null;
}

/** How one comes in. `ticket`: what an earlier refusal gave, which keeps one's place in line. */
export interface Entry {
  ticket: string | null;
  /** Be counted, and named to nobody. */
  isAnonymous: boolean;
  /** End the person's calls of other devices once this one is connected. */
  takesOver: boolean;
}

export async function postCall(
  space: string,
  offer: string,
  { ticket, isAnonymous, takesOver }: Entry,
  signal: AbortSignal,
): Promise<Answered> {
  const headers: Record<string, string> = { "content-type": "application/sdp", accept: "application/sdp" };
  if (ticket) headers["convivium-ticket"] = ticket;
  const response = await send(
    "POST",
    `/spaces/${space}/call${wishes({ anonymous: isAnonymous, take_over: takesOver })}`,
    {
      body: offer,
      headers,
      signal,
    },
  );
  const address = response.headers.get("location");
  if (!address) throw new Unreachable("The server answered without saying where the call is.");
  return { sdp: await response.text(), address, life: response.headers.get(LIFE) };
}

function wishes(wanted: Record<string, boolean>): string {
  const said = Object.keys(wanted).filter((wish) => wanted[wish]);
  return said.length > 0 ? `?${said.map((wish) => `${wish}=true`).join("&")}` : "";
}

/** How many calls one has in a space on other devices. */
export const callsElsewhere = (space: string) =>
  answer<{ elsewhere: number }>("GET", `/spaces/${space}/calls/me`);

/** Ask for an ICE restart (RFC 9725, 4.3.3) and give back the server's fragment. */
export async function restartCall(address: string, fragment: string): Promise<string> {
  const response = await send("PATCH", withoutPrefix(address), {
    body: fragment,
    headers: {
      "content-type": "application/trickle-ice-sdpfrag",
      accept: "application/trickle-ice-sdpfrag",
      "if-match": "*",
    },
    timeoutMs: 2_000,
  });
  return response.text();
}

/** End a call; `keepalive` lets the request outlive the page. */
export async function endCall(address: string): Promise<void> {
  await send("DELETE", withoutPrefix(address), { keepalive: true });
}

function withoutPrefix(address: string): string {
  const path = new URL(address, location.origin).pathname;
  return path.startsWith(PREFIX) ? path.slice(PREFIX.length) : path;
}

/** True when the server says that it is up and ready for calls. Never throws. */
export async function isReady(): Promise<boolean> {
  return (await asked("/readyz"))?.ok ?? false;
}

/** True when the server answers and has not been away since it answered as this `life`. Never throws. */
export async function isStill(life: string | null): Promise<boolean> {
  const answered = await asked("/healthz");
  return life !== null && !!answered?.ok && answered.headers.get(LIFE) === life;
}

async function asked(path: string): Promise<Response | null> {
  try {
    return await reach("GET", path, { timeoutMs: READY_TIMEOUT_MS });
  } catch {
    return null;
  }
}
