/** What this page asks of the server about reports and what comes of them; loaded when it is needed. */
import { send } from "./client";
import type { Case, CasePage, LogPage, PersonRecord, Reason, SuspensionPage } from "./types";

/** Tell the moderators about somebody, or about a space as such. */
export const report = (about: {
  space?: string;
  user?: string;
  post?: string;
  reason: Reason;
  words?: string;
}) => post("/reports", about);
/** Ask once to be let in again; a suspended account has no session to ask with. */
export const appeal = (as: { name: string; password: string } | { passkey: unknown }, words: string) =>
  post("/appeals", { ...as, words });

export const listCases = (state: Case["state"], before: string | null) =>
  get<CasePage>(`/moderation/cases?state=${state}${after(before)}`);
export const findCase = (id: string) => get<Case>(`/moderation/cases/${id}`);
export const findRecord = (user: string) => get<PersonRecord>(`/moderation/people/${user}`);
export const listSuspensions = (before: string | null) =>
  get<SuspensionPage>(`/moderation/suspensions?limit=20${after(before)}`);
export const log = (before: string | null) => get<LogPage>(`/moderation/log?limit=50${after(before)}`);
export const logOfSpace = (space: string, before: string | null) =>
  get<LogPage>(`/spaces/${space}/log?limit=50${after(before)}`);

/** An act: its words, and the case that it settles. */
export interface Said {
  words: string;
  case?: string | undefined;
}

export const dismiss = (id: string, words: string) => post(`/moderation/cases/${id}/dismiss`, { words });
export const warn = (user: string, said: Said) => post(`/moderation/people/${user}/warnings`, said);
/** `until` is null for good. */
export const suspend = (user: string, said: Said & { until: string | null }) =>
  send("PUT", `/moderation/people/${user}/suspension`, { json: said });
export const lift = (user: string) => send("DELETE", `/moderation/people/${user}/suspension`);
export const giveBadge = (user: string, badge: "verified" | "team") =>
  send("PUT", `/moderation/people/${user}/badge`, { json: { badge } });
export const takeBadge = (user: string) => send("DELETE", `/moderation/people/${user}/badge`);
export const endSpace = (space: string, said: Said) => post(`/moderation/spaces/${space}/end`, said);
/** What is said of a space instead; what is left out stays. */
export interface NewWords {
  title?: string;
  description?: string;
}

export const rename = (space: string, said: Said & NewWords) =>
  send("PATCH", `/moderation/spaces/${space}`, { json: said });

export const takePostAway = (id: string, said: Said) => post(`/moderation/posts/${id}/take-away`, said);

const after = (before: string | null) => (before === null ? "" : `&before=${before}`);

async function get<T>(path: string): Promise<T> {
  return (await send("GET", path)).json();
}

const post = (path: string, json: unknown) => send("POST", path, { json });
