import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { early } from "./early.ts";
import { words } from "./words/plugin.ts";
import { PSEUDO } from "./words/pseudo.ts";

// What every first visit loads and later screens use too: in one file it packs better than in a dozen small ones.
const FIRST =
  /\/src\/(boot\.ts|routes\.ts|api\/(age|client|errors|server-time)\.ts|room\/announcer\.svelte\.ts|ui\/(arrange|arrival|Button|Cloth|drawing|elapsed|Empty|faces|FreeSeat|grounds|Icon|icons|Pebble|Seat|seats|seed|still-lifes|table-rim|toasts|words)(\.svelte)?(\.ts)?)$/;

// The server ships the built app inside its own package, so that one wheel is a whole instance.
const STATIC = fileURLToPath(new URL("../server/convivium/static", import.meta.url));

/** The language of what is built or served: `WORDS=ar npm run dev` shows it in Arabic. */
const LANGUAGE = process.env.WORDS ?? "en";
const isFirst = LANGUAGE === "en";

export default defineConfig({
  // Each project of the tests has words of its own.
  plugins: [...(process.env.VITEST ? [] : [words(LANGUAGE)]), svelte(), early()],
  build: {
    outDir: STATIC,
    emptyOutDir: isFirst,
    manifest: isFirst,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "first", test: FIRST }] } } },
    // The page's policy (CSP) allows files of this origin only: nothing may become a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The first versions that know light-dark(): rewritten for older ones it would no longer follow a nested theme.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
  },
  server: {
    proxy: { "/api": "http://127.0.0.1:8080", "/readyz": "http://127.0.0.1:8080" },
  },
  // Without this the tests would get Svelte's server half, which mounts nothing.
  resolve: process.env.VITEST ? { conditions: ["browser"] } : {},
  test: {
    // Only what hangs is to fail: a busy machine takes many seconds to read a screen for the first time.
    testTimeout: 30_000,
    environment: "jsdom",
    restoreMocks: true,
    projects: [
      {
        extends: true,
        plugins: [words("en")],
        test: { name: "english", include: ["tests/*.test.ts", "{src,words}/**/*.test.ts"] },
      },
      {
        extends: true,
        plugins: [words(PSEUDO)],
        test: { name: "pseudo", include: ["tests/pseudo/*.test.ts"] },
      },
    ],
  },
});
