/** What a notification says, kind by kind: whom or what it names, what happened, and where it leads. */
import type { Notification, Person } from "../api/types";
import { personPath, postPath, SETTINGS, spacePath } from "../routes";
import type { IconName } from "../ui/icons";
import { counted } from "../ui/locale";
import { inHowLong, whenOf } from "../ui/when";

export interface Words {
  /** Who did it, or what it is about; shown bold. */
  readonly name: string;
  readonly says: string;
  /** The space, where the words do not name it, or what somebody said to it. */
  readonly about: string;
  readonly icon: IconName;
  /** Where it leads; null where there is nothing to see any more. */
  readonly href: string | null;
  /** What one does there, as a button says it. */
  readonly act: string;
}

/** What a post says, or that it says it aloud. */
const saidIn = (post: Notification["post"]) => post?.text || (post?.voice ? "Voice note" : "");

type Saying = (told: Notification, title: string, now: Date) => Partial<Words>;

/** Stands for the "#" of a name while the number is put for that of the sentence. */
const IN_NAME = "\ue000";
const MODERATORS = "The moderators";
const INVITED = {
  listener: "invites you to listen",
  speaker: "invites you to the stage",
  co_host: "invites you to help as co-host",
} as const;

const SAYINGS: Record<Notification["kind"], Saying> = {
  invited: ({ role }, title) => ({
    says: INVITED[role ?? "listener"],
    about: title,
    icon: role === "listener" ? "headphones" : "mic",
    act: "Join",
  }),
  brought_up: (_, title) => ({
    says: "brought you up: you may speak",
    about: title,
    icon: "mic",
    act: "Go up",
  }),
  handed_over: (_, title) => ({ says: "gave you the space", about: title, icon: "crown", act: "Open it" }),
  starts_soon: ({ space }, title, now) => ({
    name: title,
    says: startsWhen(space?.starts_at ?? null, now),
    icon: "bell",
    act: "Look",
  }),
  time_to_start: (_, title) => ({
    name: title,
    says: "starts now. Open it when you are ready.",
    icon: "bell",
    act: "Open it",
  }),
  started: (_, title) => ({ name: title, says: "has started", icon: "headphones", act: "Listen" }),
  rescheduled: ({ starts_at, was }, title, now) => ({
    name: title,
    says: movedWhen(starts_at, was, now),
    icon: "calendar",
    act: "Look",
  }),
  cancelled: ({ people }, title) => ({
    name: title,
    says: people.length > 0 ? "was cancelled" : "was not started, and is cancelled",
    icon: "calendar",
    act: "",
  }),
  followed: ({ count }) => ({
    says: counted(count, { one: "follows you", other: "follow you" }),
    icon: "user-plus",
    act: "Look",
  }),
  follow_asked: ({ count }) => ({
    says: counted(count, { one: "wants to follow you", other: "want to follow you" }),
    icon: "user-plus",
    href: SETTINGS,
    act: "Look",
  }),
  follow_accepted: () => ({ says: "lets you follow", icon: "check", act: "Look" }),
  mentioned: ({ post }) => ({ says: "named you", about: saidIn(post), icon: "message", act: "Read it" }),
  replied: ({ post }) => ({ says: "answered you", about: saidIn(post), icon: "message", act: "Read it" }),
  quoted: ({ post }) => ({ says: "quoted you", about: saidIn(post), icon: "quote", act: "Read it" }),
  liked: ({ post, count }) => ({
    says: counted(count, { one: "likes your post", other: "like your post" }),
    about: saidIn(post),
    icon: "heart",
    act: "Look",
  }),
  reposted: ({ post }) => ({ says: "reposted you", about: saidIn(post), icon: "repost", act: "Look" }),
  warned: ({ words }) => ({ name: MODERATORS, says: "have warned you", about: words ?? "", icon: "warning" }),
  space_ended: ({ words }, title) => ({
    name: title,
    says: "was ended by the moderators",
    about: words ?? "",
    icon: "warning",
  }),
  space_renamed: ({ words }, title) => ({
    name: title,
    says: "has new words, by the moderators",
    about: words ?? "",
    icon: "warning",
  }),
  post_taken_away: ({ words }) => ({
    name: MODERATORS,
    says: "have taken away a post of yours",
    about: words ?? "",
    icon: "warning",
  }),
  suspension_lifted: () => ({ name: "Your account", says: "is not suspended any more", icon: "check" }),
  let_in: () => ({ name: "Welcome", says: "you are let in, and your account is ready", icon: "check" }),
  role_given: () => ({ name: "Your role", says: "was changed by an administrator", icon: "shield" }),
  sent_out: () => ({ name: "An administrator", says: "has signed you out everywhere", icon: "warning" }),
  way_back_given: () => ({
    name: "An administrator",
    says: "made a code that signs in to your account. If you did not ask for one, tell them",
    icon: "warning",
  }),
  report_seen: () => ({ name: MODERATORS, says: "have looked at your report", icon: "check" }),
};

/** Say a notification in words, as of `now`. */
export function wordsOf(told: Notification, now: Date): Words {
  const title = told.space?.title ?? "A space";
  const isOver = told.space?.state === "ended" || told.space?.state === "cancelled";
  const said = SAYINGS[told.kind](told, title, now);
  return {
    name: namesOf(told.people, told.count),
    says: "",
    about: "",
    icon: "bell",
    href: whereTo(told, isOver),
    act: "",
    ...said,
  };
}

function whereTo({ space, post, people, kind }: Notification, isOver: boolean): string | null {
  if (post) return postPath(post.id);
  if (space) return isOver ? null : spacePath(space.id);
  const name = kind === "followed" || kind === "follow_accepted" ? people[0]?.name : null;
  return name ? personPath(name) : null;
}

/** The whole of it as one sentence, for a toast and for ears. */
export function sentenceOf(told: Notification, now: Date): string {
  const { name, says, about } = wordsOf(told, now);
  return [`${name} ${says}`, about].filter(Boolean).join(": ");
}

/** Whether it waits for an answer: it stands above the others. */
export function isWaiting(told: Notification): boolean {
  const state = told.space?.state;
  if (told.kind === "invited") return state === "live" || state === "scheduled" || state === "draft";
  if (told.kind === "started") return !told.read && state === "live";
  return (told.kind === "starts_soon" || told.kind === "time_to_start") && state === "scheduled";
}

/** "Samir", "Samir, Luca", "Samir, Luca and 2 others". */
function namesOf(people: Person[], count: number): string {
  const [first, second] = people.map((person) => person.display_name);
  if (!first) return count > 0 ? "Somebody" : "";
  if (!second || count < 2) return first;
  const others = count - 2;
  if (others <= 0) return `${first} and ${second}`;
  const [one, two] = [first, second].map((name) => name.replaceAll("#", IN_NAME));
  return counted(others, {
    one: `${one}, ${two} and one other`,
    other: `${one}, ${two} and # others`,
  }).replaceAll(IN_NAME, "#");
}

function startsWhen(startsAt: string | null, now: Date): string {
  if (startsAt === null) return "starts soon";
  const moment = new Date(startsAt);
  return moment <= now ? `was to start at ${whenOf(moment, now)}` : `starts ${inHowLong(moment, now)}`;
}

function movedWhen(startsAt: string | null, was: string | null, now: Date): string {
  if (startsAt === null) return "has another time";
  const to = new Date(startsAt);
  const minutes = was === null ? 0 : Math.round((to.getTime() - Date.parse(was)) / 60_000);
  return minutes === 0
    ? `moved to ${whenOf(to, now)}`
    : `moved to ${whenOf(to, now)}, ${shiftWords(minutes)}`;
}

function shiftWords(minutes: number): string {
  const size = Math.abs(minutes);
  const much =
    size < 60
      ? `${size} min`
      : size < 48 * 60
        ? `${Math.round(size / 60)} h`
        : counted(Math.round(size / 1440), { one: "# day", other: "# days" });
  return minutes > 0 ? `${much} later` : `${much} earlier`;
}
