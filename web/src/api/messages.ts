/** What this page asks of the server about messages between people; loaded when it is needed. */
import { send } from "./client";
import type { Conversation, ConversationPage, MessagePage, Written } from "./types";

/** A message to be sent: to a person, to several (a new group), or in a conversation. */
export interface Letter {
  to: string | string[];
  text: string;
  space?: string;
  title?: string;
}

/** The same letter with the same key is written once, however often it is sent. */
export const write = (letter: Letter, key: string) =>
  ask<Written>("POST", "", letter, { "idempotency-key": key });
export const conversations = (state: "accepted" | "asked", cursor: string | null) =>
  ask<ConversationPage>("GET", `?state=${state}${cursor ? `&cursor=${cursor}` : ""}`);
/** `who` is a person or the id of a conversation, here and below. */
export const messagesWith = (who: string, cursor: string | null, limit = 50) =>
  ask<MessagePage>("GET", `/${who}?limit=${limit}${cursor ? `&cursor=${cursor}` : ""}`);
export const readUpTo = (who: string, number: number) =>
  send("PUT", at(`/${who}/read`), { json: { up_to: number } });
export const accept = (who: string) => ask<Conversation>("POST", `/${who}/accept`);
/** Decline a request, leave a group, or put a conversation away. */
export const leave = (who: string) => send("DELETE", at(`/${who}`));
export const takeAway = (who: string, number: number) => send("DELETE", at(`/${who}/${number}`));
export const rename = (who: string, title: string) => ask<Conversation>("PATCH", `/${who}`, { title });
export const addPeople = (who: string, people: string[]) =>
  ask<Conversation>("POST", `/${who}/members`, { people });

const at = (path: string) => `/messages${path}`;

async function ask<T>(method: string, path: string, json?: unknown, headers = {}): Promise<T> {
  return (await send(method, at(path), json === undefined ? { headers } : { json, headers })).json();
}
