/** What had the focus may have gone with a change of the page: then `to` gets it, and keys go on there. */
import { tick } from "svelte";

export async function catchFocus(to: () => HTMLElement | null | undefined): Promise<void> {
  await tick();
  if (document.activeElement === document.body) to()?.focus({ preventScroll: true });
}
