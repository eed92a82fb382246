/**
 * The whole app on a test's page: what the server answers is given, what people find is asked by role and name.
 * The page has no layout, so everything that only sizes and shows is stood in for.
 */
import axe from "axe-core";
import { vi } from "vitest";
import { FakeCapabilities, FakePeer, FakeTrack } from "../src/media/fake-peer";

/** `METHOD path` below /api/v1 -> what the server answers: a body, a status, or a response. */
export type Answers = Record<
  string,
  object | number | ((asked: RequestInit) => Response | Promise<Response>)
>;

const ROLES: Record<string, string> = {
  button: "button",
  link: "a[href]",
  region: "section[aria-label], aside[aria-label]",
  heading: "h1, h2, h3",
  textbox: "input:not([type=radio], [type=checkbox]), textarea",
  alert: "[role=alert]",
  status: "[role=status]",
  radio: "input[type=radio]",
  group: "[role=group]",
  timer: "[role=timer]",
  list: "ol[aria-label], ul[aria-label]",
  dialog: "dialog[open]",
};

export class App {
  /** What the page asked of the server, in order. */
  readonly asked: string[] = [];
  readonly getUserMedia = vi.fn(() => {
    const track = new FakeTrack();
    return Promise.resolve({ getAudioTracks: () => [track], getTracks: () => [track] });
  });
  #leave: () => Promise<void> = () => Promise.resolve();
  #draw: () => void = () => {};

  /** Load the app at `address` on a screen of `width` pixels. */
  async open(address: string, answers: Answers, width = 1_440): Promise<void> {
    this.#standIn(answers, width);
    history.replaceState(null, "", address);
    // The app keeps the room one is in and who one is in its modules: each test loads them anew.
    vi.resetModules();
    const { flushSync, mount, unmount } = await import("svelte");
    const { default: Shell } = await import("../src/App.svelte");
    const shell = mount(Shell, { target: document.body });
    this.#draw = flushSync;
    this.#leave = () => unmount(shell);
    await this.settle();
  }

  async close(): Promise<void> {
    // As a browser does when the page goes away: whoever is in a call hangs up.
    dispatchEvent(new Event("pagehide"));
    await this.#leave();
    vi.unstubAllGlobals();
    document.body.replaceChildren();
  }

  /** Let answers arrive and the page be drawn. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    await new Promise((resolve) => setTimeout(resolve));
    this.#draw();
    // What is fetched when it is needed comes at once, as from a near server.
    await vi.dynamicImportSettled();
    this.#draw();
  }

  find(role: keyof typeof ROLES, name: string | RegExp): HTMLElement {
    const found = this.all(role).filter((element) => fits(nameOf(element), name));
    if (!found[0]) throw new Error(`No ${role} “${name}” among: ${this.names(role).join(" | ")}`);
    return found[0];
  }

  names(role: keyof typeof ROLES): string[] {
    return this.all(role).map(nameOf);
  }

  /** Everything of a role that a screen reader would come to. */
  all(role: keyof typeof ROLES): HTMLElement[] {
    const found = [...document.querySelectorAll<HTMLElement>(ROLES[role] ?? role)];
    return found.filter((element) => !element.closest("dialog:not([open]), [hidden], [aria-hidden=true]"));
  }

  async press(name: string | RegExp, role: "button" | "link" = "button"): Promise<void> {
    this.find(role, name).click();
    await this.settle();
  }

  async type(label: string, text: string): Promise<void> {
    const field = this.find("textbox", label) as HTMLInputElement;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await this.settle();
  }

  get text(): string {
    return (document.body.textContent ?? "").replace(/\s+/g, " ");
  }

  /** What axe finds wrong, as far as a page without layout can tell. */
  async barriers(): Promise<string[]> {
    const { violations } = await axe.run(document, { rules: { "color-contrast": { enabled: false } } });
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  }

  #standIn(answers: Answers, width: number): void {
    FakePeer.made = [];
    document.documentElement.lang = "en";
    vi.stubGlobal("fetch", (url: string, init: RequestInit) => this.#answer(answers, url, init));
    vi.stubGlobal("RTCPeerConnection", FakePeer);
    vi.stubGlobal("RTCRtpReceiver", FakeCapabilities);
    vi.stubGlobal("MediaStream", class {});
    vi.stubGlobal(
      "ResizeObserver",
      class {
        observe() {}
        unobserve() {}
        disconnect() {}
      },
    );
    vi.stubGlobal("matchMedia", (query: string) =>
      mediaQuery(Number(/min-width: (\d+)/.exec(query)?.[1]) <= width),
    );
    vi.stubGlobal("scrollTo", () => {});
    Object.defineProperty(navigator, "mediaDevices", {
      value: { getUserMedia: this.getUserMedia },
      configurable: true,
    });
    vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue(undefined);
    vi.spyOn(HTMLMediaElement.prototype, "pause").mockImplementation(() => {});
    const dialog = HTMLDialogElement.prototype;
    dialog.showModal = function () {
      this.open = true;
    };
    dialog.close = function () {
      if (!this.open) return;
      this.open = false;
      this.dispatchEvent(new Event("close"));
    };
    Element.prototype.scrollIntoView = () => {};
    HTMLElement.prototype.showPopover = () => {};
    HTMLElement.prototype.hidePopover = () => {};
  }

  async #answer(answers: Answers, url: string, init: RequestInit): Promise<Response> {
    const path = url.replace("/api/v1", "").replace(/\?.*/, "");
    const asked = `${init.method} ${path}`;
    this.asked.push(asked);
    const answer = answers[asked];
    if (path.endsWith("/events") && answer === undefined) return new Promise(() => {});
    if (typeof answer === "function") return answer(init);
    if (typeof answer === "number") return refusal(answer);
    return answer === undefined ? new Response(null, { status: 204 }) : Response.json(answer);
  }
}

export function refusal(status: number, code = "refused", detail = "The server says no."): Response {
  const headers = { "content-type": "application/problem+json" };
  return new Response(JSON.stringify({ status, code, detail }), { status, headers });
}

/** The server's answer to an offer. */
export function answered(): Response {
  return new Response("v=0", { status: 201, headers: { location: "/api/v1/calls/c1" } });
}

function mediaQuery(matches: boolean) {
  return { matches, addEventListener: () => {}, removeEventListener: () => {} };
}

function fits(name: string, wanted: string | RegExp): boolean {
  return typeof wanted === "string" ? name === wanted : wanted.test(name);
}

/** The accessible name, as far as this app's markup makes names: a label, a field's label, or the words inside. */
function nameOf(element: HTMLElement): string {
  const label = element.getAttribute("aria-label");
  const words = label ?? spokenText((element as HTMLInputElement).labels?.[0] ?? element);
  return words.replace(/\s+/g, " ").trim();
}

function spokenText(element: HTMLElement): string {
  const copy = element.cloneNode(true) as HTMLElement;
  for (const silent of copy.querySelectorAll("[aria-hidden=true]")) silent.remove();
  return copy.textContent ?? "";
}
