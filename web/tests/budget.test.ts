// @vitest-environment node
/** What a real build brings along; `make lint` weighs the first scripts. */
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { beforeAll, describe, expect, it } from "vitest";

const KB = 1_000;
const STYLES_KB = 14;
const FONTS_KB = 70;

let files: (Rolldown.OutputChunk | Rolldown.OutputAsset)[];

beforeAll(async () => {
  const built = (await build({ logLevel: "silent", build: { write: false } })) as Rolldown.RolldownOutput;
  files = built.output;
}, 60_000);

/** The scripts that the page loads before anything is pressed: the entry and all it imports at once. */
function firstScripts(): Rolldown.OutputChunk[] {
  const chunks = files.filter((file) => file.type === "chunk");
  const first = chunks.filter((chunk) => chunk.isEntry);
  for (const chunk of first)
    for (const name of chunk.imports) {
      const imported = chunks.find(({ fileName }) => fileName === name);
      if (imported && !first.includes(imported)) first.push(imported);
    }
  return first;
}

const assets = (ending: string) =>
  files.filter((file) => file.type === "asset").filter(({ fileName }) => fileName.endsWith(ending));

/** What the page of somebody who comes to `screen` names besides. */
const named = (screen: string) =>
  [
    ...String(assets("index.html")[0]?.source).matchAll(
      /<link rel="(\w+)"[^>]* href="\/([^"]+)" data-screen="(\w+)"/g,
    ),
  ]
    .filter((link) => link[3] === screen)
    .map(([, kind, name]) => ({ kind, name }));

describe("the first visit", () => {
  it(`has at most ${STYLES_KB} kB of styles; other screens bring their own`, () => {
    const page = String(assets("index.html")[0]?.source);
    const first = assets(".css").filter(({ fileName }) => page.includes(fileName));
    const bytes = first.reduce((sum, { source }) => sum + gzipSync(source).length, 0);

    expect(bytes).toBeGreaterThan(0);
    expect(bytes / KB).toBeLessThanOrEqual(STYLES_KB);
  });

  it(`has at most ${FONTS_KB} kB of fonts`, () => {
    const bytes = assets(".woff2").reduce((sum, { source }) => sum + source.length, 0);

    expect(bytes).toBeGreaterThan(0);
    expect(bytes / KB).toBeLessThanOrEqual(FONTS_KB);
  });

  it("does not load the tools of hosts", () => {
    expect(firstScripts().some(({ code }) => code.includes("Bring up"))).toBe(false);
    expect(files.some((file) => file.type === "chunk" && file.code.includes("Bring up"))).toBe(true);
  });

  it("loads no rooms, but where it is to one: its page names all that a room needs", () => {
    const isRoom = (code: string) => code.includes("RTCPeerConnection");
    const first = firstScripts();
    const links = named("space");
    const scripts = links.flatMap(({ name }) => files.filter(({ fileName }) => fileName === name));
    const chunks = [...first, ...scripts].filter((file) => file.type === "chunk");

    expect(first.some(({ code }) => isRoom(code))).toBe(false);
    expect(chunks.some(({ code }) => isRoom(code))).toBe(true);
    const missing = chunks
      .flatMap(({ imports }) => imports)
      .filter((name) => !chunks.some(({ fileName }) => fileName === name));
    expect(missing).toEqual([]);
    expect(links.some(({ kind }) => kind === "stylesheet")).toBe(true);
  });

  it("brings no script or style inside the page, which the page's policy would refuse", () => {
    const page = String(assets("index.html")[0]?.source);

    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)/);
    expect(page).not.toMatch(/<style|style=/);
  });
});
