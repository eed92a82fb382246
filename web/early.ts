/**
 * For Vite: a page that begins with a screen of its own names the scripts and styles of that screen, so that a browser
 * need not read the app to hear of them. The server leaves in those of the screen it shows (shell.py).
 */
import type { Plugin, Rolldown } from "vite";

/** The screens one comes to from outside, each with the source it begins with. */
const SCREENS = { space: "screens/space/Space.svelte" };

export function early(): Plugin {
  return {
    name: "convivium-early",
    transformIndexHtml: {
      order: "post",
      handler: (html, { bundle }) => {
        const links = Object.entries(SCREENS).flatMap(([screen, source]) => linksOf(screen, source, bundle));
        return html.replace("</head>", `${links.join("")}</head>`);
      },
    },
  };
}

/** What the screen needs beyond what every page loads. */
function linksOf(screen: string, source: string, bundle: Rolldown.OutputBundle | undefined): string[] {
  const chunks = new Map(
    Object.values(bundle ?? {}).flatMap((file) =>
      file.type === "chunk" ? [[file.fileName, file] as const] : [],
    ),
  );
  const isEntry = (chunk: Rolldown.OutputChunk) => chunk.isEntry;
  const isScreen = (chunk: Rolldown.OutputChunk) => chunk.facadeModuleId?.endsWith(source) ?? false;
  const first = new Set(needed(chunks, isEntry));
  const later = needed(chunks, isScreen).filter((chunk) => !first.has(chunk));
  const styles = later.flatMap(({ viteMetadata }) => [...(viteMetadata?.importedCss ?? [])]);
  return [
    ...later.map(
      ({ fileName }) => `<link rel="modulepreload" crossorigin href="/${fileName}" data-screen="${screen}">`,
    ),
    ...styles.map((name) => `<link rel="stylesheet" crossorigin href="/${name}" data-screen="${screen}">`),
  ];
}

/** The chunks that begin something, and all that they import at once. */
function needed(
  chunks: Map<string, Rolldown.OutputChunk>,
  begins: (chunk: Rolldown.OutputChunk) => boolean,
): Rolldown.OutputChunk[] {
  const found = new Set([...chunks.values()].filter(begins));
  for (const { imports } of found)
    for (const name of imports) {
      const imported = chunks.get(name);
      if (imported) found.add(imported);
    }
  return [...found];
}
