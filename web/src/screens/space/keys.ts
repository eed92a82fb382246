/** Keys of the room: M mutes, holding Space talks, R asks, E reacts; never while a control has the focus. ? helps. */

export interface KeyActions {
  mute(): void;
  /** True when the key goes down, false when it comes up. */
  talk(on: boolean): void;
  ask(): void;
  react(): void;
  help(): void;
}

/** Listen to the keyboard until the returned function is called. */
export function followKeys(actions: KeyActions): () => void {
  let isTalking = false;

  const down = (event: KeyboardEvent) => {
    if (event.key === "?" && !isWriting(event.target) && !isSheetOpen()) actions.help();
    if (event.repeat || hasModifier(event) || isBusy(event.target)) return;
    if (event.code === "Space") {
      event.preventDefault();
      isTalking = true;
      actions.talk(true);
    }
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

/** Whether the focus is on something that needs keys itself, or a sheet is open. */
function isBusy(target: EventTarget | null): boolean {
  const isControl =
    target instanceof Element && target.matches("a, button, input, textarea, select, [role=menuitem]");
  return isControl || isSheetOpen();
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches("input, textarea, select");
}

function isSheetOpen(): boolean {
  return document.querySelector("dialog[open]") !== null;
}
