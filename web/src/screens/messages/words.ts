/** What a conversation is called, and what its messages say in a line. Pure. */
import type { Conversation, Message, Person } from "../../api/types";
import { firstName } from "../../room/table";
import { dayAfter, daysBetween, timeOf } from "../../ui/when";

export const INVITED = {
  listener: "to listen",
  speaker: "to the stage",
  co_host: "to help as co-host",
} as const;

/** Everybody in a conversation but oneself. */
export function othersIn({ members }: Conversation, me: string): Person[] {
  return members.map(({ person }) => person).filter(({ id }) => id !== me);
}

/** What it is called: a group by its name, or by whom it has. */
export function titleOf(conversation: Conversation, me: string): string {
  const others = othersIn(conversation, me);
  if (!conversation.is_group) return others[0]?.display_name ?? "Somebody who left";
  if (conversation.title) return conversation.title;
  return others.map(firstName).join(", ") || "A group of your own";
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
  const title = message.space?.title ?? "a space";
  if (message.gone)
    return message.invitation || message.kind === "invited"
      ? "An invitation that is not open any more"
      : `${by} took a message away`;
  if (message.kind === "invited") {
    const whom = message.invitation?.person?.id === me ? "you" : "somebody";
    const person = message.invitation?.person;
    const named = whom === "you" || !person ? whom : firstName(person);
    const role = message.invitation ? ` ${INVITED[message.invitation.role]}` : "";
    return `${by} ${isMine ? "invite" : "invites"} ${named}${role}: ${title}`;
  }
  if (message.kind === "added") return `${by} added ${nameFor(message.person, me)}`;
  if (message.kind === "left") return `${by} left`;
  if (message.kind === "named")
    return message.text ? `${by} named the group ${message.text}` : `${by} took the group’s name away`;
  const said = message.text.replace(/\s+/g, " ");
  return message.space ? [said, title].filter(Boolean).join(" · ") : said;
}

function nameFor(person: Person | null, me: string): string {
  if (!person) return "somebody";
  return person.id === me ? "you" : firstName(person);
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
export function dayOrTime(at: string, now: Date, locale?: string): string {
  const moment = new Date(at);
  const days = daysBetween(moment, now);
  if (days <= 0) return timeOf(moment, locale);
  if (days === 1) return "Yesterday";
  if (days < 7) return moment.toLocaleDateString(locale, { weekday: "short" });
  return moment.toLocaleDateString(locale, { day: "numeric", month: "short" });
}

/** The day above the first message of it. */
export function dayWords(at: string, now: Date, locale?: string): string {
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
