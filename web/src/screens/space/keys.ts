/**
 * Keys of the room: M mutes, R asks, E reacts, ? helps, holding Space talks, Escape closes what stands beside the table.
 * None of them while a sheet is open, only Escape while somebody writes, and Space only while no control has the focus.
 */

export interface KeyActions {
  mute(): void;
  /** True when the key goes down, false when it comes up. */
  talk(on: boolean): void;
  ask(): void;
  react(): void;
  help(): void;
  close(): void;
}

/** Listen to the keyboard until the returned function is called. */
export function followKeys(actions: KeyActions): () => void {
  let isTalking = false;

  const down = (event: KeyboardEvent) => {
    if (event.repeat || hasModifier(event) || isSheetOpen()) return;
    if (event.key === "Escape" && !isTaken(event)) actions.close();
    if (isWriting(event.target)) return;
    if (event.code === "Space" && !isControl(event.target)) {
      event.preventDefault();
      isTalking = true;
      actions.talk(true);
    }
    if (event.key === "?") actions.help();
    if (event.key.toLowerCase() === "m") actions.mute();
    if (event.key.toLowerCase() === "r") actions.ask();
    if (event.key.toLowerCase() === "e") actions.react();
  };
  const up = (event: KeyboardEvent) => {
    if (!isTalking || event.code !== "Space") return;
    isTalking = false;
    actions.talk(false);
  };
  document.addEventListener("keydown", down);
  document.addEventListener("keyup", up);
  return () => {
    document.removeEventListener("keydown", down);
    document.removeEventListener("keyup", up);
  };
}

function hasModifier(event: KeyboardEvent): boolean {
  return event.ctrlKey || event.metaKey || event.altKey;
}

/** Whether the focus is on something that Space itself presses or chooses. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches("a, button");
}

/** Whether letters belong to what has the focus: they are written there, or choose there. */
function isWriting(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches("input, textarea, select, [role^=menuitem]");
}

/** Whether Escape is for something smaller: a menu, reactions, or letters that are being composed. */
function isTaken({ target, isComposing }: KeyboardEvent): boolean {
  return isComposing || (target instanceof Element && target.closest("[popover]") !== null);
}

function isSheetOpen(): boolean {
  return document.querySelector("dialog[open]") !== null;
}
