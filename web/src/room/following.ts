/** Following in words: somebody who is protected is asked first. */
import type { Relation } from "../api/types";
import type { IconName } from "../ui/icons";

/** What the button does. */
export function followWord(relation: Relation): string {
  if (relation.asked) return "Ask no more";
  return relation.follows ? "Unfollow" : "Follow";
}

export function followIcon(relation: Relation): IconName {
  if (relation.asked) return "clock";
  return relation.follows ? "check" : "user-plus";
}

/** What came of it. */
export function followed(name: string, relation: Relation | null): string {
  if (relation?.asked) return `${name} is asked whether you may follow.`;
  return relation?.follows ? `You follow ${name}.` : "You follow them no more.";
}
