/** The worker beside the page (public/worker.js): it shows what one is told, and a page while one is offline. */
import { pageBuild } from "./boot";

/** Another build, or another language, is another worker, which keeps its own page. */
const address = () => `/worker.js?${pageBuild()}-${document.documentElement.lang}`;

/** Have the worker of this build; the browser keeps one. */
export const registerWorker = () => navigator.serviceWorker.register(address());

/** Have it where that can be: a private window may refuse, and then there is no page for being offline. */
export function keepWorker(): void {
  if (pageBuild() && "serviceWorker" in navigator) registerWorker().catch(() => undefined);
}
