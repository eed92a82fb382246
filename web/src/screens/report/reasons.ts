/** Why somebody reports, in the words of who reports and of who reads it. */
import type { Reason } from "../../api/types";

export const REASONS = [
  {
    value: "harassment",
    title: "Harassment or hate",
    detail: "Insults, threats, slurs, targeting someone",
    icon: "megaphone-off",
  },
  {
    value: "spam",
    title: "Spam or scam",
    detail: "Selling, phishing, the same link again",
    icon: "coins",
  },
  {
    value: "impersonation",
    title: "Pretending to be someone",
    detail: "A false name, a cloned or borrowed voice",
    icon: "user-x",
  },
  {
    value: "danger",
    title: "Somebody is in danger",
    detail: "Moderators see these first",
    icon: "shield",
  },
] as const satisfies { value: Reason; title: string; detail: string; icon: string }[];

const TITLES = new Map<string, string>(REASONS.map(({ value, title }) => [value, title]));

export const reasonWords = (reason: Reason): string => TITLES.get(reason) ?? reason;
