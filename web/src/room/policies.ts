/** Who may listen, speak and ask: the choices of hosts in words, and what others read of them. */
import type { Policies } from "../api/types";
import type { IconName } from "../ui/icons";

interface Option<Value extends string> {
  value: Value;
  title: string;
  detail: string;
  icon: IconName;
}

export const LISTEN: readonly Option<Policies["listen_policy"]>[] = [
  { value: "everyone", title: "Everyone", detail: "Signed in or not", icon: "globe" },
  { value: "followed", title: "People I follow", detail: "And whom I invite", icon: "user" },
  { value: "followers", title: "My followers", detail: "And whom I invite", icon: "people" },
  { value: "invited", title: "Invited people", detail: "Nobody else sees who is here", icon: "lock" },
];

export const SPEAK: readonly Option<Policies["speak_policy"]>[] = [
  { value: "invited", title: "Whom I bring up", detail: "One by one", icon: "user-plus" },
  { value: "followed", title: "People I follow", detail: "They take a free seat", icon: "user" },
  { value: "everyone", title: "Everyone", detail: "Who likes takes a free seat", icon: "people" },
];

export const REQUESTS: readonly Option<Policies["requests"]>[] = [
  { value: "everyone", title: "Everyone", detail: "You bring people up one by one", icon: "hand" },
  { value: "followed", title: "People I follow", detail: "Others only listen", icon: "user" },
  { value: "off", title: "Nobody", detail: "Only whom I invite comes up", icon: "close" },
];

/** What somebody in the room reads about who may listen. */
export const LISTEN_WORDS: Record<Policies["listen_policy"], string> = {
  everyone: "Everyone may listen",
  followed: "For people the host follows",
  followers: "For followers of the host",
  invited: "By invitation",
};
