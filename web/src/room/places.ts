/** Why one is in a space no more, as it is told on the screen of that space, or in passing elsewhere. */
import type { Place } from "./room.svelte";

export const WHY_OUT: Partial<Record<Place, string>> = {
  ended: "This space has ended",
  removed: "You were removed",
  elsewhere: "You are listening on another device",
  signed_out: "You are signed out",
  suspended: "Your account is suspended",
  deleted: "Your account is deleted",
};
