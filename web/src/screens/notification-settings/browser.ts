/** Push in this browser: whether it can be had, and how it is switched on and off. */
import { addPush } from "../../api/reach";
import { isOnIos } from "../../install.svelte";
import { registerWorker } from "../../worker";

/**
 * unsupported: this browser cannot. install: it can, once the page is on the home screen (iOS).
 * denied: one said no, which only the browser's own settings change.
 */
export type Ability = "unsupported" | "install" | "denied" | "able";

export function ability(): Ability {
  if (!("serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis)) {
    return isOnIos() ? "install" : "unsupported";
  }
  return Notification.permission === "denied" ? "denied" : "able";
}

/** Ask, and be told here from now on; false when the answer is no. `key`: the server's. */
export async function switchOn(key: string): Promise<boolean> {
  if ((await Notification.requestPermission()) !== "granted") return false;
  const registration = await registerWorker();
  await navigator.serviceWorker.ready;
  // What was made under another key is worth nothing.
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  const options = { userVisibleOnly: true, applicationServerKey: key };
  await addPush(await registration.pushManager.subscribe(options));
  return true;
}

/** Be told nothing more here, also when the server is not there to hear of it. */
export async function switchOff(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  await (await registration?.pushManager?.getSubscription())?.unsubscribe();
}
