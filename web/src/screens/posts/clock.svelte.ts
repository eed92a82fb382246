/** What time it is for everything that says how long ago something was: one clock, which runs while somebody looks. */
import { createSubscriber } from "svelte/reactivity";
import { serverNow } from "../../api/server-time";
import { MINUTE_MS } from "../../ui/when";

const follow = createSubscriber((update) => {
  const timer = setInterval(update, MINUTE_MS / 4);
  return () => clearInterval(timer);
});

export const clock = {
  /** By the server's clock, which wrote the times. */
  get now(): Date {
    follow();
    return new Date(serverNow());
  },
};
