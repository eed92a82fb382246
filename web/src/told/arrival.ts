/** A notification as it arrives: a short message with the way there, and for ears the same. */
import type { Notification } from "../api/types";
import { go, here } from "../navigation.svelte";
import { toast } from "../ui/toasts.svelte";
import { sentenceOf, wordsOf } from "./words";

export function showArrival(told: Notification): void {
  const screen = here.screen;
  // Whoever looks at the list, or at the space itself, sees it there.
  if (screen.name === "notifications") return;
  if (screen.name === "space" && screen.id === told.space?.id) return;
  const now = new Date();
  const { icon, href, act } = wordsOf(told, now);
  const action = href && act ? { label: act, act: () => go(href) } : undefined;
  toast({ text: sentenceOf(told, now), icon, tone: "host", action });
}
