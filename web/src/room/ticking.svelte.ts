/** A clock for what is drawn from the time: it ticks only while something needs it. */
import { serverNow } from "../api/server-time";

const TICK_MS = 250;

export class Ticking {
  /** The server's time in ms, as of the last tick. */
  now = $state(serverNow());

  /** Made while a component is: `isNeeded` is asked again whenever what it reads changes. */
  constructor(isNeeded: () => boolean, everyMs = TICK_MS) {
    $effect(() => {
      if (!isNeeded()) return;
      const tick = () => {
        this.now = serverNow();
      };
      tick();
      const timer = setInterval(tick, everyMs);
      return () => clearInterval(timer);
    });
  }
}
