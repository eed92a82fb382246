/**
 * What happens when something is held for a moment, or asked for with the other mouse button. It happens as it is
 * let go: what opens before that is closed again by the same finger. The tap that ends it does nothing else.
 */
import type { Attachment } from "svelte/attachments";

const HELD_MS = 500;

export function longPress(act: () => void): Attachment<HTMLElement> {
  return (element) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isDown = false;
    let wasHeld = false;
    const hold = () => {
      wasHeld = true;
      if (!isDown) act();
    };
    const on: Record<string, (event: Event) => void> = {
      pointerdown: () => {
        [isDown, wasHeld] = [true, false];
        timer = setTimeout(hold, HELD_MS);
      },
      pointerup: () => {
        if (isDown && wasHeld) setTimeout(act);
        letGo();
      },
      pointerleave: () => letGo(),
      pointercancel: () => letGo(),
      contextmenu: (event) => {
        event.preventDefault();
        hold();
      },
      click: (event) => {
        // A key presses a button without a pointer: such a click has no detail.
        if (wasHeld && (event as MouseEvent).detail > 0) event.stopImmediatePropagation();
      },
    };
    const letGo = () => {
      clearTimeout(timer);
      isDown = false;
    };
    for (const [type, listener] of Object.entries(on)) element.addEventListener(type, listener, true);
    return () => {
      letGo();
      for (const [type, listener] of Object.entries(on)) element.removeEventListener(type, listener, true);
    };
  };
}
