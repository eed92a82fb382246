/** The one room this page is in. It plays on whatever screen is shown. */
import type { Room } from "./room.svelte";

let current: Room | null = $state.raw(null);

export const call = {
  /** The room one is in, or null. */
  get room(): Room | null {
    return current?.place === "inside" ? current : null;
  },
};

/** Go in, leaving wherever one was. Has to run inside the tap. */
export function enter(room: Room): void {
  if (current !== room && current?.place === "inside") current.leave();
  current = room;
  room.join();
}

/** Tell the current room what happens to the device. Returns a function that undoes it. */
export function followDevice(): () => void {
  const networkChanged = () => current?.networkChanged();
  const goneAway = () => current?.hangUp();
  const network = (navigator as { connection?: EventTarget }).connection;
  addEventListener("online", networkChanged);
  network?.addEventListener("change", networkChanged);
  addEventListener("pagehide", goneAway);
  return () => {
    removeEventListener("online", networkChanged);
    network?.removeEventListener("change", networkChanged);
    removeEventListener("pagehide", goneAway);
  };
}
