/** What time it is, for whatever tells how long ago something was: it moves by half minutes while somebody looks. */
import { createSubscriber } from "svelte/reactivity";
import { serverNow } from "../../api/server-time";
import { MINUTE_MS } from "../../ui/when";

const follow = createSubscriber((changed) => {
  const clock = setInterval(changed, MINUTE_MS / 2);
  return () => clearInterval(clock);
});

export const now = {
  get current(): Date {
    follow();
    return new Date(serverNow());
  },
};
