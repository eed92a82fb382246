/** Short messages that come by themselves and go again. `Toasts` draws them. */
import type { IconName } from "./icons";

export interface Toast {
  readonly text: string;
  readonly icon?: IconName | undefined;
  readonly tone?: "plain" | "host" | "live" | "danger" | undefined;
  readonly action?: { readonly label: string; readonly act: () => void } | undefined;
  /** Until it is taken away. */
  readonly stay?: boolean | undefined;
}

/** More than these are never on the page at once: the oldest goes. */
const MOST = 3;
const READ_MS = 5000;
/** With something to press people need longer. */
const ACT_MS = 10_000;

export const toasts: { id: number; toast: Toast }[] = $state([]);
let last = 0;

/** Show a message; the function that comes back takes it away early. */
export function toast(message: Toast): () => void {
  const id = ++last;
  toasts.push({ id, toast: message });
  if (toasts.length > MOST) toasts.shift();
  const away = () => dismiss(id);
  if (!message.stay) setTimeout(away, message.action ? ACT_MS : READ_MS);
  return away;
}

export function dismiss(id: number): void {
  const at = toasts.findIndex((shown) => shown.id === id);
  if (at >= 0) toasts.splice(at, 1);
}
