/**
 * `node web/words/check.ts` says what each language lacks, which is then in English; exits with 1 if any says something
 * wrong.
 * `--list de` prints all of a language, with what has no words yet, and where it stands.
 * `--sort` puts the sentences of every file in order, so that two people who add some seldom write in one place.
 */
import { catalogOf, faultsOf, gapsOf, keep, sentences, sorted, translated } from "./languages.ts";

const [, , option, tag] = process.argv;
const all = sentences();

if (option === "--list" && tag) {
  const { words } = catalogOf(tag);
  for (const { key, forms, places } of all) print({ key, forms, said: words[key] ?? null, places });
} else if (option === "--sort") {
  for (const language of translated()) keep(language, sorted(catalogOf(language)));
} else {
  const tags = translated();
  const faults = tags.flatMap((language) => faultsOf(language, all));
  const gaps = tags.flatMap((language) => gapsOf(language, all));
  for (const line of [...faults, ...gaps]) process.stdout.write(`${line}\n`);
  process.stdout.write(`${all.length} sentences in ${tags.join(", ")}; ${gaps.length} gaps\n`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
