/**
 * The languages of the interface: English, which the sources are written in, and one file beside this for each other.
 * A file holds the language's own name, its direction, and its words: English sentence -> sentence, or forms of it.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PSEUDO, pseudo } from "./pseudo.ts";
import { rewrite, type Translate } from "./rewrite.ts";

export const ENGLISH = "en";

type Forms = Readonly<Record<string, string>>;

export interface Catalog {
  language: string;
  direction: "ltr" | "rtl";
  words: Record<string, string | Forms>;
}

/** A sentence of the sources, as it is called in catalogs. */
export interface Sentence {
  key: string;
  /** The forms by number, if it has some. */
  forms: Forms | null;
  /** Where it stands: "screens/home/Home.svelte:12". */
  places: string[];
}

/** What the page itself says where no script runs. */
const NO_SCRIPT = "Convivium plays live sound, and needs JavaScript for it.";

const HERE = fileURLToPath(new URL(".", import.meta.url));
export const SOURCES = fileURLToPath(new URL("../src/", import.meta.url));

/** Files that nobody reads anything of: tests and stand-ins, types, drawings, and what is told between tabs and calls. */
const WORDLESS =
  /\.test\.ts$|fake-[\w-]+\.ts$|^ui\/gallery\/|^api\/(shapes|samples)\.ts$|^live\/|^media\/connection\.ts$|^ui\/(arrival|cloth|drawing|faces|grounds|icons|seed|still-lifes)\.ts$|\/drawings\.ts$/;

/** Tags of all languages but English, in alphabetical order. */
export function translated(): string[] {
  return globSync("*.json", { cwd: HERE })
    .map((file) => basename(file, ".json"))
    .sort();
}

/** Read one language; English has no words of its own. */
export function catalogOf(tag: string): Catalog {
  if (tag === ENGLISH || tag === PSEUDO) return { language: "English", direction: "ltr", words: {} };
  return JSON.parse(readFileSync(join(HERE, `${tag}.json`), "utf8")) as Catalog;
}

/** Put the sentences of a language in the order of their letters. */
export function sorted(catalog: Catalog): Catalog {
  const words = Object.fromEntries(Object.entries(catalog.words).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...catalog, words };
}

/** Write the file of a language. */
export function keep(tag: string, catalog: Catalog): void {
  writeFileSync(join(HERE, `${tag}.json`), `${JSON.stringify(catalog, null, 2)}\n`);
}

/** All languages one can choose, each by its own name. */
export function choices(): { tag: string; name: string }[] {
  return [ENGLISH, ...translated()].map((tag) => ({ tag, name: catalogOf(tag).language }));
}

/** Whether a file below `src/` holds interface text. */
export const hasWords = (path: string): boolean => /\.(svelte|ts)$/.test(path) && !WORDLESS.test(path);

/** How a language says what the sources say. */
export function translator(tag: string): Translate {
  if (tag === PSEUDO) return { text: pseudo, forms: (english) => mapped(english, pseudo) };
  const { words } = catalogOf(tag);
  return {
    text: (english) => asText(words[english]),
    forms: (english) => asForms(words[keyOf(english)]),
  };
}

const asText = (said: string | Forms | undefined) => (typeof said === "string" ? said : undefined);
const asForms = (said: string | Forms | undefined) => (typeof said === "object" ? said : undefined);
const keyOf = (forms: Forms) => Object.values(forms).join(" | ");
const mapped = (forms: Forms, change: (text: string) => string) =>
  Object.fromEntries(Object.entries(forms).map(([form, text]) => [form, change(text)]));

/** Every sentence of the sources, in the order of files. */
export function sentences(): Sentence[] {
  const found = new Map<string, Sentence>([
    [NO_SCRIPT, { key: NO_SCRIPT, forms: null, places: ["../index.html:14"] }],
  ]);
  for (const path of globSync("**/*", { cwd: SOURCES }).filter(hasWords).sort()) {
    const source = readFileSync(join(SOURCES, path), "utf8");
    const note = (key: string, forms: Forms | null, at: number) => {
      const sentence = found.get(key) ?? { key, forms, places: [] };
      sentence.places.push(`${path}:${lineAt(source, path, at)}`);
      found.set(key, sentence);
      return undefined;
    };
    rewrite(source, path.endsWith(".svelte"), {
      text: (english, at) => note(english, null, at),
      forms: (forms, at) => note(keyOf(forms), forms, at),
    });
  }
  return [...found.values()];
}

/** The parser is given scripts inside an element, which adds characters and no lines. */
function lineAt(source: string, path: string, at: number): number {
  const begin = path.endsWith(".svelte") ? at : at - '<script lang="ts">'.length;
  return source.slice(0, begin).split("\n").length;
}

/** What a language does not say yet, which is shown in English, and what nobody asks it for any more. */
export function gapsOf(tag: string, all: readonly Sentence[], { words }: Catalog = catalogOf(tag)): string[] {
  const known = new Set(all.map(({ key }) => key));
  const leftOver = Object.keys(words).filter((key) => !known.has(key));
  return [
    ...all
      .filter(({ key }) => words[key] === undefined)
      .map(({ key, places }) => `${tag}: missing: ${JSON.stringify(key)} (${places[0]})`),
    ...leftOver.map((key) => `${tag}: left over: ${JSON.stringify(key)}`),
  ];
}

/** What is wrong in a catalog: sentences that lack a part or a form, or have one that nobody gives. */
export function faultsOf(
  tag: string,
  all: readonly Sentence[],
  { words }: Catalog = catalogOf(tag),
): string[] {
  return all.flatMap(({ key, forms, places }) => {
    const said = words[key];
    const fault = said === undefined ? null : faultIn(said, key, forms, tag);
    return fault ? [`${tag}: ${fault}: ${JSON.stringify(key)} (${places[0]})`] : [];
  });
}

function faultIn(said: string | Forms, key: string, forms: Forms | null, tag: string): string | null {
  if (!forms)
    return typeof said !== "string" || said === ""
      ? "not a sentence"
      : (differing(key, [said]) ?? joining(key, [said]));
  if (typeof said !== "object") return "not in forms";
  const missing = formsOf(tag).filter((form) => !said[form]);
  return missing.length > 0
    ? `without ${missing.join(", ")}`
    : (foreign(Object.values(forms), Object.values(said)) ??
        joining(forms.other ?? key, Object.values(said)));
}

/** The forms that whole numbers take in a language, as they occur among people and minutes. */
export function formsOf(tag: string): string[] {
  const rules = new Intl.PluralRules(tag);
  return [...new Set(Array.from({ length: 201 }, (_, count) => rules.select(count)))];
}

/** Each once: a language may have to name somebody twice where English says "they". */
const partsOf = (text: string) => [...new Set(text.match(/\{\d+\}|<\/?\d+>/g))].sort().join();

const differing = (key: string, said: string[]) =>
  said.every((text) => partsOf(text) === partsOf(key)) ? null : "other parts than in English";

/** What goes on after a name, or up to one: without a blank or a mark both would become one word. */
function joining(english: string, said: string[]): string | null {
  if (/^[\s,;:.!?)]/.test(english) && said.some((text) => /^[\p{L}\p{N}{#]/u.test(text)))
    return "begins without a blank";
  if (/\s$/.test(english) && said.some((text) => /[\p{L}\p{N}}#]$/u.test(text)))
    return "ends without a blank";
  return null;
}

/** A form may leave a part out ("one person" has no number), but not name one that is not there. */
function foreign(english: string[], said: string[]): string | null {
  const known = english.flatMap((text) => text.match(/\{\d+\}|<\/?\d+>/g) ?? []);
  const named = said.flatMap((text) => text.match(/\{\d+\}|<\/?\d+>/g) ?? []);
  return named.every((part) => known.includes(part)) ? null : "other parts than in English";
}
