/** Addresses that people show of themselves: as they are read, and as they are typed. Pure. */

/** "example.org/rivers": what is the same of each is left out. */
export const shownLink = (link: string): string => link.replace(/^https:\/\//, "").replace(/\/$/, "");

/** An address as it is meant: who types `example.org` means a page there. */
export function meantLink(typed: string): string {
  const text = typed.trim();
  return text === "" || /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`;
}

/** What is wrong with an address; nothing for none. The server looks closer. */
export function wrongLink(typed: string): string {
  const link = meantLink(typed);
  if (link === "") return "";
  if (!link.toLowerCase().startsWith("https://")) return "A link begins with https://";
  return URL.canParse(link) && new URL(link).hostname.includes(".") ? "" : "This is not an address.";
}

/** Topics as they are typed, with commas between. */
export const topicsIn = (typed: string): string[] => [
  ...new Set(
    typed
      .split(",")
      .map((topic) => topic.trim())
      .filter(Boolean),
  ),
];
