/** Build the app once for each language: English first, which empties the folder. */
import { build } from "vite";
import { ENGLISH, translated } from "./languages.ts";

for (const tag of [ENGLISH, ...translated()]) {
  process.env.WORDS = tag;
  await build({ logLevel: tag === ENGLISH ? "info" : "warn" });
}
