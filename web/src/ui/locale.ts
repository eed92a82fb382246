/** The language of this page, and how it writes what is not written in words: numbers, forms, lists. */

/**
 * The page's language as this browser's person uses it ("en" for a reader of "en-GB" is that), with the digits of
 * the clocks and lengths that are drawn. The tag that formatters take.
 */
export const locale = localeOf(document.documentElement.lang, navigator.languages ?? []);

export function localeOf(page: string, wanted: readonly string[]): string {
  const language = page || (wanted[0] ?? "en");
  const own = wanted.find((tag) => tag === language || tag.startsWith(`${language}-`)) ?? language;
  return new Intl.Locale(own, { numberingSystem: "latn" }).toString();
}

/** "1,234", "1.234". */
export const number = (value: number): string => value.toLocaleString(locale);

/** A word that is shown or said, and does not begin with a capital: nothing else tells it from a name in the program. */
export const term = (word: string): string => word;

type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/**
 * What is said of so many: the form that the language has for `count`, with the number for `#`.
 * In English there are "one" and "other"; a translation has as many as its language.
 */
export function counted(count: number, forms: Forms): string {
  rules ??= new Intl.PluralRules(locale);
  return (forms[rules.select(count)] ?? forms.other).replace("#", number(count));
}

/** "@ama", which begins with its sign also where text runs from the right. */
export const handle = (name: string | null | undefined): string => (name ? `${FROM_LEFT}@${name}` : "");

const FROM_LEFT = document.documentElement.dir === "rtl" ? "\u200e" : "";

/** The first letter large, as a sentence begins. */
export const capitalised = (words: string): string =>
  words.charAt(0).toLocaleUpperCase(locale) + words.slice(1);

/** "Ama and Ben". */
export const listed = (names: readonly string[]): string => new Intl.ListFormat(locale).format(names);

let rules: Intl.PluralRules | undefined;
