/** How loud somebody is, written past Svelte: levels change up to 20 times a second. */

/** Set the level (0 to 1) of a person's voice on every piece that shows this person inside `root`. */
export function glow(root: ParentNode, personId: string, level: number): void {
  const value = Math.min(1, Math.max(0, level)).toFixed(2);
  for (const piece of root.querySelectorAll<HTMLElement>(`[data-voice="${CSS.escape(personId)}"]`)) {
    piece.style.setProperty("--level", value);
  }
}
