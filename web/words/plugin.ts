/** For Vite: every source in one language before it is compiled, and the page that loads it. */
/// <reference types="vitest/config" />
import { relative } from "node:path";
import type { Plugin } from "vite";
import { catalogOf, choices, ENGLISH, hasWords, SOURCES, translator } from "./languages.ts";
import { rewrite } from "./rewrite.ts";

export function words(tag: string): Plugin {
  const { direction, words: said } = catalogOf(tag);
  const translate = translator(tag);
  /** A source in this language; null for one without words. */
  const written = (source: string, id: string): string | null => {
    const path = relative(SOURCES, id);
    if (path.startsWith("..") || !hasWords(path)) return null;
    return rewrite(source, path.endsWith(".svelte"), translate);
  };
  return {
    name: "convivium-words",
    enforce: "pre",
    config: () => ({ define: { LANGUAGES: JSON.stringify(choices()) } }),
    transform(source, id) {
      const code = written(source, id);
      return code === null || code === source ? null : { code, map: null };
    },
    // Vitest keeps what it has transformed, and would give one language what another was made of.
    configureVitest: ({ defineCacheKeyGenerator }) =>
      defineCacheKeyGenerator(({ sourceCode, id }) => written(sourceCode, id) ?? ""),
    transformIndexHtml: (html) =>
      html
        .replace('<html lang="en">', `<html lang="${tag}" dir="${direction}">`)
        .replace(/(?<=<noscript>)[^<]*/, (english) => String(said[english] ?? english)),
    // The pages of all languages lie side by side, and share what is the same in each.
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const page = bundle["index.html"];
        if (page && tag !== ENGLISH) page.fileName = `index.${tag}.html`;
      },
    },
  };
}
