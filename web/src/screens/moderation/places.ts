/** Where one is among the pages of moderators, and the way to write it. */
import { MODERATION } from "../../routes";

export type Place =
  | { name: "cases"; id: string | null }
  | { name: "person"; id: string }
  | { name: "suspensions" }
  | { name: "log" }
  | { name: "nowhere" };

const ONE = /^(cases|people)\/([A-Za-z0-9_-]+)\/?$/;

/** The page that lives at `rest`, which is what follows `/moderation/`. */
export function placeAt(rest: string): Place {
  if (rest === "") return { name: "cases", id: null };
  if (rest === "suspensions" || rest === "log") return { name: rest };
  const [, kind, id] = ONE.exec(rest) ?? [];
  if (!id) return { name: "nowhere" };
  return kind === "cases" ? { name: "cases", id } : { name: "person", id };
}

export const SUSPENSIONS = `${MODERATION}/suspensions`;
export const LOG = `${MODERATION}/log`;
/** What the address of settled cases ends with, in the list and of each. */
export const SETTLED = "?settled";

export const casePath = (id: string) => `${MODERATION}/cases/${id}`;
export const recordPath = (person: string) => `${MODERATION}/people/${person}`;
