/** The language one chose for this browser: the server writes the page in it (shell.py). */

const COOKIE = "convivium_language";
const YEAR_S = 365 * 24 * 3600;

/** All languages there are, each by its own name; the build puts them in (words/plugin.ts). */
declare const LANGUAGES: readonly { tag: string; name: string }[];

export const languages = LANGUAGES;

/** Show the page in another language from now on: it is loaded anew, since a page carries only one. */
export function speak(tag: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: browsers other than Chromium have no other way before 2025.
  document.cookie = `${COOKIE}=${tag}; path=/; max-age=${YEAR_S}; samesite=lax`;
  location.reload();
}
