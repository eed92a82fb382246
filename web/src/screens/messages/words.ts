/** What a conversation is called, and what its messages say in a line. Pure. */
import type { Conversation, Message, Person } from "../../api/types";
import { firstName } from "../../room/table";
import { locale as ours, term } from "../../ui/locale";
import { dayAfter, daysBetween, timeOf } from "../../ui/when";

/** Everybody in a conversation but oneself. */
export function othersIn({ members }: Conversation, me: string): Person[] {
  return members.map(({ person }) => person).filter(({ id }) => id !== me);
}

/** What it is called: a group by its name, or by whom it has. */
export function titleOf(conversation: Conversation, me: string): string {
  const others = othersIn(conversation, me);
  if (!conversation.is_group) return others[0]?.display_name ?? "Somebody who left";
  if (conversation.title) return conversation.title;
  return others.map(firstName).join(term(", ")) || "A group of your own";
}

/** How it is addressed: two people by the name of the other one. */
export function addressOf(conversation: Conversation, me: string): string {
  const name = conversation.is_group ? null : othersIn(conversation, me)[0]?.name;
  return name ? `@${name}` : conversation.id;
}

/** Whether `who`, as an address has it, means this conversation. */
export function isMeant(conversation: Conversation, who: string, me: string): boolean {
  return conversation.id === who || addressOf(conversation, me) === who;
}

/** What one message says, as a line of a list and for ears. */
export function lineOf(message: Message, me: string): string {
  const isMine = message.by.id === me;
  const by = isMine ? "You" : firstName(message.by);
  if (message.gone)
    return message.invitation || message.kind === "invited"
      ? "An invitation that is not open any more"
      : `${by} took a message away`;
  if (message.kind === "invited") return `${invitedWords(message, me)}: ${message.space?.title ?? "a space"}`;
  if (message.kind === "added") return addedWords(by, message.person, me);
  if (message.kind === "left") return `${by} left the group`;
  if (message.kind === "named")
    return message.text ? `${by} named the group ${message.text}` : `${by} took the group’s name away`;
  const said = message.text.replace(/\s+/g, " ");
  return message.space ? [said, message.space.title].filter(Boolean).join(" · ") : said;
}

/** Who invites whom to what, role by role: each is a sentence of its own, since languages bend all of it. */
export function invitedWords({ by, invitation }: Pick<Message, "by" | "invitation">, me: string): string {
  const person = invitation?.person ?? null;
  const whom = person ? firstName(person) : null;
  const role = invitation?.role ?? "listener";
  if (by.id === me) return whom ? INVITING[role](whom) : INVITING_SOMEBODY[role];
  const name = firstName(by);
  if (person?.id === me) return INVITED_ME[role](name);
  return INVITES[role](name, whom ?? term("somebody"));
}

const INVITED_ME = {
  listener: (by: string) => `${by} invites you to listen`,
  speaker: (by: string) => `${by} invites you to the stage`,
  co_host: (by: string) => `${by} invites you to help as co-host`,
};
const INVITING = {
  listener: (whom: string) => `You invite ${whom} to listen`,
  speaker: (whom: string) => `You invite ${whom} to the stage`,
  co_host: (whom: string) => `You invite ${whom} to help as co-host`,
};
const INVITING_SOMEBODY = {
  listener: "You invite somebody to listen",
  speaker: "You invite somebody to the stage",
  co_host: "You invite somebody to help as co-host",
};
const INVITES = {
  listener: (by: string, whom: string) => `${by} invites ${whom} to listen`,
  speaker: (by: string, whom: string) => `${by} invites ${whom} to the stage`,
  co_host: (by: string, whom: string) => `${by} invites ${whom} to help as co-host`,
};

function addedWords(by: string, person: Person | null, me: string): string {
  if (!person) return `${by} added somebody`;
  return person.id === me ? `${by} added you` : `${by} added ${firstName(person)}`;
}

/** What a list says below the name: whose words they are, where that is not plain. */
export function previewOf(conversation: Conversation, me: string): string {
  const { last } = conversation;
  if (!last) return "Nothing is written yet";
  const line = lineOf(last, me);
  if (last.kind !== "said" || last.gone) return line;
  if (last.by.id === me) return `You: ${line}`;
  return conversation.is_group ? `${firstName(last.by)}: ${line}` : line;
}

/** "21:06" today, "Yesterday", "Fri" within a week, "2 Mar" before. */
export function dayOrTime(at: string, now: Date, locale = ours): string {
  const moment = new Date(at);
  const days = daysBetween(moment, now);
  if (days <= 0) return timeOf(moment, locale);
  if (days === 1) return "Yesterday";
  if (days < 7) return moment.toLocaleDateString(locale, { weekday: "short" });
  return moment.toLocaleDateString(locale, { day: "numeric", month: "short" });
}

/** The day above the first message of it. */
export function dayWords(at: string, now: Date, locale = ours): string {
  const moment = new Date(at);
  const days = daysBetween(moment, now);
  if (moment >= dayAfter(now, 0)) return "Today";
  if (days === 1) return "Yesterday";
  return moment.toLocaleDateString(locale, { weekday: "long", day: "numeric", month: "long" });
}

/** Names typed with commas or blanks between, as the server takes them: "@ama, Ben" -> ["@ama", "@ben"]. */
export function namesIn(typed: string): string[] {
  const names = typed.split(/[\s,;]+/).map((name) => name.replace(/^@/, "").toLowerCase());
  return [...new Set(names.filter(Boolean))].map((name) => `@${name}`);
}
