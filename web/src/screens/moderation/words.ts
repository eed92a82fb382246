/** What moderators read: how long somebody is here, until when they are suspended, what was done. Pure. */
import type { Card, CaseOfRecord, Entry, Outcome, Person, PersonRecord, Role } from "../../api/types";
import { roleWord } from "../../room/table";
import { clock } from "../../ui/elapsed";
import { capitalised, counted, term } from "../../ui/locale";
import { agoOf, longDate, MINUTE_MS } from "../../ui/when";
import { kindWords } from "../admin/words";

const STAFF: Record<string, string> = { moderator: term("moderator"), admin: term("admin") };

const OUTCOMES: Record<Outcome, string> = {
  dismissed: term("dismissed"),
  warned: term("warned"),
  suspended: term("suspended"),
  ended: "space ended",
  renamed: "space given other words",
  post_taken_away: "post taken away",
};

/** What came of a case: a space that had not begun was not ended. */
export function outcomeWords(outcome: Outcome, space: CaseOfRecord["space"]): string {
  return outcome === "ended" && space?.state === "cancelled" ? "space cancelled" : OUTCOMES[outcome];
}

/** Whom or what a case is about. */
export function subjectOf({ person, space }: Pick<CaseOfRecord, "person" | "space">): string {
  return person?.display_name ?? space?.title ?? "Somebody who is gone";
}

export function nameOf(person: Person | null): string {
  return person?.display_name ?? "Somebody";
}

/** "Here 9 days · 3 spaces · removed once by a host". */
export function recordWords(record: PersonRecord, now: Date): string {
  const { since, spaces_hosted, removals, person } = record;
  const ago = agoOf(new Date(since), now);
  const isNew = now.getTime() - Date.parse(since) < MINUTE_MS;
  const facts = [
    person.name === null && term("guest"),
    record.role && STAFF[record.role],
    isNew ? "just came" : `here ${ago}`,
    spaces_hosted > 0 && counted(spaces_hosted, { one: "# space", other: "# spaces" }),
    removals > 0 && counted(removals, { one: "removed once by a host", other: "removed # times by hosts" }),
  ].filter(Boolean);
  return capitalised(facts.join(" · "));
}

/** How a space stands, within a sentence. */
export const STATES: Record<Card["state"], string> = {
  draft: "not open yet",
  scheduled: term("scheduled"),
  live: term("live"),
  ended: term("ended"),
  cancelled: term("cancelled"),
};

/** "until Thursday 26 November, 19:30", "for good". */
export function untilWords(until: string | null, now: Date): string {
  return until === null ? "for good" : `until ${endWords(until, now)}`;
}

/** "Thursday 26 November, 19:30", with its year where that is another. */
export const endWords = (until: string, now: Date): string =>
  `${longDate(new Date(until))}${yearOf(until, now)}`;

function yearOf(time: string, now: Date): string {
  const year = new Date(time).getFullYear();
  return year === now.getFullYear() ? "" : ` (${year})`;
}

/** "Speaker, 46:31 into What the river remembers". */
export function sceneWords({
  title,
  live_s,
  role,
}: {
  title: string;
  live_s: number | null;
  role: string | null;
}): string {
  const place = live_s === null ? `In ${title}` : `${clock(Math.floor(live_s))} into ${title}`;
  return role ? `${place}, as ${roleOf(role)}` : place;
}

type Saying = (whom: string, data: Entry["data"], now: Date) => string;

const ACTS: Record<string, Saying> = {
  muted: (whom) => `muted ${whom}`,
  badge_given: (whom, { badge }) =>
    badge === "team" ? `said that ${whom} belongs to the team` : `said that ${whom} is verified`,
  badge_taken: (whom) => `took the badge of ${whom}`,
  picture_taken: (whom) => `took the picture of ${whom} away`,
  speakers_muted: () => "muted all speakers",
  brought_up: (whom) => `brought ${whom} up`,
  moved_back: (whom) => `moved ${whom} back to the listeners`,
  moved_in_line: (whom) => `moved ${whom} in line`,
  time_given: (whom, { seconds }) => `gave ${whom} ${seconds} more seconds`,
  declined: (whom) => `declined the request of ${whom}`,
  role_changed: (whom, { role }) => `made ${whom} ${roleOf(role)}`,
  handed_over: (whom) => `gave the space to ${whom}`,
  removed: (whom) => `removed ${whom}`,
  cleared: (_, { count }) =>
    counted(Number(count), {
      one: "cleared a raid: one person removed",
      other: "cleared a raid: # people removed",
    }),
  let_back: (_, { count }) =>
    counted(Number(count), { one: "let one person come back", other: "let # people come back" }),
  invited: (whom, { role }) => `invited ${whom} as ${roleOf(role)}`,
  uninvited: (whom) => `took back the invitation for ${whom}`,
  link_made: (_, { role }) => `made a link that invites as ${roleOf(role)}`,
  link_taken_back: (_, { role }) => `took back a link that invites as ${roleOf(role)}`,
  queue_changed: (_, data) => {
    if (Object.keys(data).join() === "locked") return data.locked ? "locked the stage" : "unlocked the stage";
    return `changed the rules of the stage: ${namesIn(data)}`;
  },
  chat_changed: (_, data) => `changed the chat: ${namesIn(data)}`,
  space_changed: (_, data) => `changed the space: ${namesIn(data)}`,
  scheduled: (_, { starts_at }, now) =>
    typeof starts_at === "string"
      ? `scheduled the space for ${longDate(new Date(starts_at))}${yearOf(starts_at, now)}`
      : "scheduled the space",
  space_started: () => "started the space",
  space_ended: (_, { cancelled }) => (cancelled ? "cancelled the space" : "ended the space"),
  space_featured: () => "featured the space",
  branding_changed: () => "changed how the instance is called, or looks",
  job_retried: (_, { kind }) => `let a job be tried again: ${kindWords(String(kind))}`,
  job_dropped: (_, { kind }) => `dropped a job: ${kindWords(String(kind))}`,
  space_unfeatured: () => "featured the space no more",
  post_taken_away: (whom) => `took away a post of ${whom}`,
  line_taken_away: (whom) => `took away a line of ${whom}`,
  shared_taken_away: (whom) => `took away what ${whom} put on the table`,
  pinned: (_, { pinned }) => (pinned ? "pinned something on the table" : "unpinned something on the table"),
  looked_in: () => "looked in as a moderator",
  warned: (whom) => `warned ${whom}`,
  suspended: (whom, { until }, now) =>
    `suspended ${whom} ${untilWords(typeof until === "string" ? until : null, now)}`,
  suspension_lifted: (whom) => `let ${whom} use the account again`,
  settled: (_, data) => `settled case ${data.case}: ${outcomeOf(data.outcome)}`,
  appealed: () => term("appealed"),
  let_in: (whom) => `let ${whom} in, who waited`,
  turned_away: (whom) => `turned ${whom} away, who waited`,
  role_given: (whom, { role }) =>
    role === "member" ? `took the office of ${whom}` : `made ${whom} ${STAFF[String(role)]}`,
  sent_out: (whom) => `signed ${whom} out everywhere`,
  way_back_given: (whom) => `made a code for ${whom} to sign in with`,
  sign_up_invitation_made: (_, { uses }) =>
    counted(Number(uses), { one: "invited one person to sign up", other: "invited # people to sign up" }),
  sign_up_invitation_ended: () => "ended an invitation to sign up",
};

const outcomeOf = (outcome: unknown) => OUTCOMES[outcome as Outcome] ?? String(outcome);

const roleOf = (role: unknown) => roleWord(role as Role) ?? String(role);

/** What else than by its own name people know something by. */
const NAMES: Record<string, string> = {
  policy: term("order"),
  turn_seconds: "length of a turn",
  locked: term("lock"),
  account_age_hours: "age of accounts",
  slow_seconds: "pause of one person",
  writers: "who may write",
  kept: "what is kept after the end",
  listen_policy: "who may listen",
  speak_policy: "who may speak",
  requests: "who may ask",
  music: "music mode",
  title: term("title"),
  description: term("description"),
  topics: term("topics"),
  languages: term("languages"),
  anonymous_listening: "anonymous listening",
  starts_at: term("time"),
  followers_only: "followers only",
};

/** What is another now: "title, who may listen". */
const namesIn = (data: Entry["data"]) =>
  Object.keys(data)
    .map((name) => NAMES[name] ?? name.replaceAll("_", " "))
    .join(term(", "));

/** What was done, without by whom: "muted Anders". */
export function actWords(entry: Entry, now: Date): string {
  const whom = nameOf(entry.person);
  const said = ACTS[entry.act]?.(whom, entry.data, now);
  if (said) return said;
  const plain = entry.act.replaceAll("_", " ");
  return entry.person ? `${plain}: ${whom}` : plain;
}
