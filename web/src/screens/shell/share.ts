/** What another app shares with this one, as words to begin a post with (manifest: share_target). Pure. */

/** More than a post takes, so that its writer sees what is too much; and no more. */
const MOST = 2_000;

/** The words in `search`: each part once, for many apps say the link in the text as well. */
export function sharedWords(search: string): string {
  const asked = new URLSearchParams(search);
  const parts = ["title", "text", "url"].map((part) => asked.get(part)?.trim() ?? "").filter(Boolean);
  const said = parts.filter(
    (part, at) => !parts.some((other, place) => place !== at && holds(other, part, place < at)),
  );
  return said.join("\n").slice(0, MOST);
}

/** Whether `other` says all of `part`; of two that say the same the first stays. */
const holds = (other: string, part: string, isBefore: boolean) =>
  other.includes(part) && (isBefore || other !== part);
