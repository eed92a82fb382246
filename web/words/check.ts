/**
 * `node web/words/check.ts` says what each language lacks; exits with 1 if it is anything.
 * `--list de` prints all of a language, with what has no words yet, and where it stands.
 */
import { catalogOf, faultsOf, sentences, translated } from "./languages.ts";

const [, , option, tag] = process.argv;
const all = sentences();

if (option === "--list" && tag) {
  const { words } = catalogOf(tag);
  for (const { key, forms, places } of all) print({ key, forms, said: words[key] ?? null, places });
} else {
  const faults = translated().flatMap((language) => faultsOf(language, all));
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  process.stdout.write(`${all.length} sentences in ${translated().join(", ")}\n`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
