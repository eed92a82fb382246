/** What this page asks of the server when somebody looks for something; loaded when it is needed. */
import { send } from "./client";
import type { ForEveryone, Found } from "./types";

export type FoundKind = keyof Found;

/** What is looked for: words, and the language of a space; each may be empty. */
export interface Looked {
  readonly words: string;
  readonly language: string;
}

/** The first few of every kind; of one kind a page. */
export async function search(
  { words, language }: Looked,
  kind: FoundKind | null,
  cursor: string | null,
): Promise<Found> {
  const asked = new URLSearchParams({ q: words });
  if (language) asked.set("language", language);
  if (kind) asked.set("kind", kind);
  if (cursor) asked.set("cursor", cursor);
  return (await send("GET", `/search?${asked}`)).json();
}

export const forEveryone = async (): Promise<ForEveryone> => (await send("GET", "/explore")).json();

/** Put a space before everybody, or there no more: for staff. */
export const setFeatured = (id: string, isSo: boolean) =>
  send(isSo ? "PUT" : "DELETE", `/moderation/spaces/${id}/featured`);
