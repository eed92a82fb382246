/** What this page asks of the server about what lies on the table beside the sound; loaded when it is needed. */
import { send } from "./client";
import type { ChatRules, Line, Shared } from "./types";

export const writeLine = (space: string, text: string) => post<Line>(`/spaces/${space}/chat`, { text });
/** Lines before the one with this number, the latest first; without those of people one blocks or mutes. */
export async function linesBefore(space: string, number: number): Promise<LinePage> {
  return (await send("GET", `/spaces/${space}/chat?cursor=${number}`)).json();
}
export const takeLineAway = (space: string, number: number) =>
  send("DELETE", `/spaces/${space}/chat/${number}`);
/** Say who writes, and how often; what is left out stays. */
export const changeChat = (space: string, change: Partial<ChatRules>) =>
  send("PUT", `/spaces/${space}/chat`, { json: change });
export const share = (space: string, text: string, link: string | null) =>
  post<Shared>(`/spaces/${space}/shared`, { text, link });
export const takeSharedAway = (space: string, item: string) =>
  send("DELETE", `/spaces/${space}/shared/${item}`);
export const pin = (space: string, item: string, pinned: boolean) =>
  send(pinned ? "PUT" : "DELETE", `/spaces/${space}/shared/${item}/pin`);
export const react = (space: string, emoji: string) =>
  send("POST", `/spaces/${space}/reactions`, { json: { emoji } });

export interface LinePage {
  items: Line[];
  next_cursor: string | null;
}

async function post<T>(path: string, json: unknown): Promise<T> {
  return (await send("POST", path, { json })).json();
}
