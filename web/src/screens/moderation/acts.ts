/** What moderators can do, what each is called, and what is said with it. */
import {
  dismiss,
  endSpace,
  lift,
  type NewWords,
  rename,
  suspend,
  takePostAway,
  warn,
} from "../../api/moderation";

export type Act = "dismiss" | "warn" | "suspend" | "lift" | "end" | "cancel" | "rename" | "take";

interface Deed {
  /** The title of its sheet; `name` is whom or what it is about. */
  title: (name: string) => string;
  /** What it does, before one does it. */
  says: string;
  /** Its button. */
  yes: string;
  /** Afterwards. */
  done: string;
  isGrave?: boolean;
  /** What the field for words is called; without one there are none. */
  words?: string;
  mayBeSilent?: boolean;
}

export const DEEDS: Record<Act, Deed> = {
  dismiss: {
    title: () => "Dismiss this case?",
    says: "Nothing happens to anybody. Whoever reported with an account is told that somebody looked.",
    yes: "Dismiss",
    done: "Dismissed.",
    words: "A note for the other moderators (optional)",
    mayBeSilent: true,
  },
  warn: {
    title: (name) => `Warn ${name}`,
    says: "They read your words, and not who reported.",
    yes: "Warn",
    done: "Warned.",
    words: "What you tell them",
  },
  suspend: {
    title: (name) => `Suspend ${name}`,
    says: "They are signed out at once, and out of every space. Live spaces of theirs go to a co-host, or end; scheduled ones are cancelled.",
    yes: "Suspend",
    done: "Suspended.",
    isGrave: true,
    words: "Why, as they will read it",
  },
  lift: {
    title: (name) => `Let ${name} back in?`,
    says: "They can sign in again at once. Seats and spaces they lost do not come back.",
    yes: "Lift the suspension",
    done: "The suspension is lifted.",
  },
  end: {
    title: (name) => `End “${name}”`,
    says: "Everybody's sound stops, and the space cannot be opened again.",
    yes: "End space",
    done: "The space is ended.",
    isGrave: true,
    words: "Why, as its host will read it",
  },
  cancel: {
    title: (name) => `Cancel “${name}”`,
    says: "It will not begin. Whoever asked to be told, or is invited, is told so.",
    yes: "Cancel space",
    done: "The space is cancelled.",
    isGrave: true,
    words: "Why, as its host will read it",
  },
  rename: {
    title: () => "Rename this space",
    says: "Everybody reads the new words at once. An empty description is none.",
    yes: "Rename",
    done: "The new words are there.",
    words: "Why, as its host will read it",
  },
  take: {
    title: (name) => `Take away a post by ${name}`,
    says: "Nobody reads it any more. Answers to it stay.",
    yes: "Take the post away",
    done: "The post is gone.",
    isGrave: true,
    words: "Why, as they will read it",
  },
};

export interface Chosen {
  /** Ids of what it is about. */
  person: string;
  space: string;
  post: string;
  /** The case that it settles. */
  of: string | undefined;
  words: string;
  until: string | null;
  /** What is said of the space from now on; what is left out stays. */
  newWords: NewWords;
}

/** Ask the server to do it. */
export function perform(act: Act, chosen: Chosen): Promise<unknown> {
  const { person, space, post, of, words, until, newWords } = chosen;
  const said = of === undefined ? { words } : { words, case: of };
  switch (act) {
    case "dismiss":
      return dismiss(of ?? "", words);
    case "warn":
      return warn(person, said);
    case "suspend":
      return suspend(person, { ...said, until });
    case "lift":
      return lift(person);
    case "end":
    case "cancel":
      return endSpace(space, said);
    case "take":
      return takePostAway(post, said);
    case "rename":
      return rename(space, { ...said, ...newWords });
  }
}
