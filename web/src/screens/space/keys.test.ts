import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { followKeys } from "./keys";

describe("keys of the room", () => {
  const actions = {
    mute: vi.fn(),
    talk: vi.fn(),
    ask: vi.fn(),
    react: vi.fn(),
    help: vi.fn(),
    close: vi.fn(),
  };
  let stop = () => {};

  beforeEach(() => {
    for (const action of Object.values(actions)) action.mockReset();
    stop = followKeys(actions);
  });

  afterEach(() => {
    stop();
    document.body.replaceChildren();
  });

  function press(type: "keydown" | "keyup", init: KeyboardEventInit, target: EventTarget = document.body) {
    target.dispatchEvent(new KeyboardEvent(type, { bubbles: true, cancelable: true, ...init }));
  }

  it("M mutes, R asks, E reacts", () => {
    press("keydown", { key: "m" });
    press("keydown", { key: "R" });
    press("keydown", { key: "e" });

    expect(actions.mute).toHaveBeenCalledOnce();
    expect(actions.ask).toHaveBeenCalledOnce();
    expect(actions.react).toHaveBeenCalledOnce();
  });

  it("? tells the keys, also from a button, but not to somebody who writes", () => {
    for (const name of ["button", "textarea"]) {
      const control = document.createElement(name);
      document.body.append(control);
      press("keydown", { key: "?" }, control);
    }
    expect(actions.help).toHaveBeenCalledOnce();
    document.body.innerHTML = "<dialog open></dialog>";
    press("keydown", { key: "?" });

    expect(actions.help).toHaveBeenCalledOnce();
  });

  it("talks while Space is held, however often it repeats", () => {
    press("keydown", { code: "Space", key: " " });
    press("keydown", { code: "Space", key: " ", repeat: true });
    press("keyup", { code: "Space", key: " " });

    expect(actions.talk.mock.calls).toEqual([[true], [false]]);
  });

  it("Escape closes, also for somebody who writes, but not what is under a sheet or a menu", () => {
    const field = document.createElement("input");
    document.body.append(field);
    press("keydown", { key: "Escape" });
    press("keydown", { key: "Escape" }, field);
    expect(actions.close).toHaveBeenCalledTimes(2);
    press("keydown", { key: "Escape", isComposing: true }, field);
    document.body.innerHTML = "<div popover><button role=menuitem></button></div>";
    press("keydown", { key: "Escape" }, document.querySelector("button") ?? document.body);
    document.body.innerHTML = "<dialog open></dialog>";
    press("keydown", { key: "Escape" });

    expect(actions.close).toHaveBeenCalledTimes(2);
  });

  it.each(["input", "textarea", "select"])("leaves every other key to a focused %s", (name) => {
    const field = document.createElement(name);
    document.body.append(field);
    press("keydown", { key: "m" }, field);
    press("keydown", { code: "Space", key: " " }, field);
    press("keyup", { code: "Space", key: " " }, field);

    expect(actions.mute).not.toHaveBeenCalled();
    expect(actions.talk).not.toHaveBeenCalled();
  });

  it.each(["button", "a"])("leaves Space to a focused %s, and takes letters there", (name) => {
    const control = document.createElement(name);
    document.body.append(control);
    press("keydown", { code: "Space", key: " " }, control);
    press("keyup", { code: "Space", key: " " }, control);
    press("keydown", { key: "m" }, control);

    expect(actions.talk).not.toHaveBeenCalled();
    expect(actions.mute).toHaveBeenCalledOnce();
  });

  it("leaves letters to an open menu", () => {
    document.body.innerHTML = "<button role=menuitem></button>";
    press("keydown", { key: "m" }, document.body.firstElementChild ?? document.body);

    expect(actions.mute).not.toHaveBeenCalled();
  });

  it("leaves the keys alone while a sheet is open, and together with Ctrl", () => {
    press("keydown", { key: "m", ctrlKey: true });
    document.body.innerHTML = "<dialog open></dialog>";
    press("keydown", { key: "m" });

    expect(actions.mute).not.toHaveBeenCalled();
  });

  it("does nothing once the room is left", () => {
    stop();
    press("keydown", { key: "m" });

    expect(actions.mute).not.toHaveBeenCalled();
  });
});
