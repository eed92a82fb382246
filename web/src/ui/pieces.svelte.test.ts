/** What the pieces promise to keyboards and ears; how they look is for eyes, in the gallery. */
import { type Component, createRawSnippet, flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import Button from "./Button.svelte";
import Choice from "./Choice.svelte";
import Field from "./Field.svelte";
import { glow } from "./glow";
import IconButton from "./IconButton.svelte";
import LiveBadge from "./LiveBadge.svelte";
import MicPebble from "./MicPebble.svelte";
import Now from "./Now.svelte";
import Pebble from "./Pebble.svelte";
import QueueCard from "./QueueCard.svelte";
import Switch from "./Switch.svelte";
import TabBar from "./TabBar.svelte";
import Table from "./Table.svelte";
import type { TableSeat } from "./table-seat";

/** This test's page has no layout, so no size ever changes. */
vi.stubGlobal(
  "ResizeObserver",
  class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
);

/** This test's page knows no rectangles either. */
class Rect {
  constructor(
    readonly x: number,
    readonly y: number,
    readonly width: number,
    readonly height: number,
  ) {}
}

let page: HTMLElement;
let mounted: object[] = [];

beforeEach(() => {
  page = document.body.appendChild(document.createElement("main"));
});

afterEach(async () => {
  await Promise.all(mounted.map((piece) => unmount(piece)));
  mounted = [];
  page.remove();
});

// biome-ignore lint/suspicious/noExplicitAny: the bound that Svelte itself sets for properties
function show<Props extends Record<string, any>>(
  piece: Component<Props, object, string>,
  props: NoInfer<Props>,
): void {
  mounted.push(mount(piece, { target: page, props: props as Props }));
  flushSync();
}

function find<Kind extends Element = HTMLElement>(selector: string): Kind {
  const found = page.querySelector<Kind>(selector);
  if (!found) throw new Error(`Nothing on the page is ${selector}.`);
  return found;
}

const words = (text: string) => createRawSnippet(() => ({ render: () => `<span>${text}</span>` }));

describe("a button", () => {
  it("does what it says", () => {
    const onclick = vi.fn();
    show(Button, { onclick, children: words("Listen") });

    find("button").click();

    expect(onclick).toHaveBeenCalledOnce();
    expect(find("button").getAttribute("type")).toBe("button");
  });

  it("does nothing while it is busy, but can still be reached", () => {
    const onclick = vi.fn();
    show(Button, { busy: true, onclick, children: words("Joining") });

    find("button").click();

    expect(onclick).not.toHaveBeenCalled();
    expect(find<HTMLButtonElement>("button").disabled).toBe(false);
    expect(find("button").getAttribute("aria-busy")).toBe("true");
  });

  it("sends no form twice while it is busy", () => {
    const form = page.appendChild(document.createElement("form"));
    const onsubmit = vi.fn((event: Event) => event.preventDefault());
    form.addEventListener("submit", onsubmit);
    mounted.push(
      mount(Button, { target: form, props: { type: "submit", busy: true, children: words("Sign in") } }),
    );

    find("button").click();

    expect(onsubmit).not.toHaveBeenCalled();
  });

  it("is a link when it leads somewhere", () => {
    show(Button, { href: "/explore", children: words("Explore") });

    expect(find("a").getAttribute("href")).toBe("/explore");
    expect(page.querySelector("button")).toBeNull();
  });

  it("that is only a glyph has a name", () => {
    show(IconButton, { icon: "share", label: "Share", pressed: true });

    expect(find("button").getAttribute("aria-label")).toBe("Share");
    expect(find("button").getAttribute("aria-pressed")).toBe("true");
  });
});

describe("a field", () => {
  it("says what is wrong to those who cannot see it", () => {
    show(Field, { label: "Price", error: "At least € 1.00" });
    const input = find<HTMLInputElement>("input");

    expect(input.getAttribute("aria-invalid")).toBe("true");
    expect(document.getElementById(input.getAttribute("aria-describedby") ?? "")?.textContent).toContain(
      "At least € 1.00",
    );
    expect(input.labels?.[0]?.textContent).toContain("Price");
  });

  it("takes no more than its limit and counts", () => {
    show(Field, { label: "Title", value: "Ice", limit: 70 });

    expect(find<HTMLInputElement>("input").maxLength).toBe(70);
    expect(page.textContent).toContain("3/70");
  });

  it("shows a password only when asked", () => {
    show(Field, { label: "Password", type: "password", value: "secret" });
    expect(find<HTMLInputElement>("input").type).toBe("password");

    find("button").click();
    flushSync();

    expect(find<HTMLInputElement>("input").type).toBe("text");
    expect(find<HTMLInputElement>("input").value).toBe("secret");
    expect(find("button").getAttribute("aria-pressed")).toBe("true");
  });
});

it("a choice is a group of radio buttons under its legend", () => {
  const options = [
    { value: "everyone", title: "Everyone" },
    { value: "invited", title: "Invited people", disabled: true },
  ];
  show(Choice, { legend: "Who may speak", options, value: "everyone" });
  const [first, second] = page.querySelectorAll("input");

  expect(find("legend").textContent).toBe("Who may speak");
  expect(first?.checked).toBe(true);
  expect(second?.disabled).toBe(true);
  expect(first?.name).toBe(second?.name);
});

it("a switch is one to screen readers, named by its label alone", () => {
  show(Switch, { label: "Listen anonymously", detail: "Counted, not named", checked: true });
  const input = find<HTMLInputElement>("input");

  expect(input.getAttribute("role")).toBe("switch");
  expect(input.checked).toBe(true);
  expect(document.getElementById(input.getAttribute("aria-labelledby") ?? "")?.textContent).toBe(
    "Listen anonymously",
  );
});

it("the microphone says what pressing it does", () => {
  show(MicPebble, { open: true, label: "Mute" });

  expect(find("button").getAttribute("aria-label")).toBe("Mute");
});

describe("a pebble", () => {
  it("is decoration without a name and a picture with one", () => {
    show(Pebble, { id: "ama" });
    show(Pebble, { id: "ben", name: "Ben" });
    const [plain, named] = page.querySelectorAll(".pebble");

    expect(plain?.getAttribute("aria-hidden")).toBe("true");
    expect(named?.getAttribute("role")).toBe("img");
    expect(named?.getAttribute("aria-label")).toBe("Ben");
  });

  it("takes the level of its own person only, and never beyond full", () => {
    show(Pebble, { id: "ama" });
    show(Pebble, { id: 'b"en' });
    const [ama, ben] = page.querySelectorAll<HTMLElement>(".pebble");

    glow(page, 'b"en', 3);

    expect(ben?.style.getPropertyValue("--level")).toBe("1.00");
    expect(ama?.style.getPropertyValue("--level")).toBe("");
  });
});

describe("a table", () => {
  const seats: TableSeat[] = [
    { id: "ama", name: "Ama", label: "Ama Owusu", role: "host" },
    { id: "ben", name: "Ben", role: "co_host", muted: true },
    { id: "chi", name: "Chidi", role: "speaker", away: true },
  ];
  const said = () => [...page.querySelectorAll("li .unseen")].map((item) => item.textContent);

  it("tells ears who sits there, who speaks and who is muted", () => {
    show(Table, { cloth: "river", seats, lit: ["ama"], label: "Stage" });

    expect(find("ul").getAttribute("aria-label")).toBe("Stage");
    expect(said().sort()).toEqual([
      "Ama Owusu, Host, speaking",
      "Ben, Co-host, microphone off",
      "Chidi, reconnecting",
    ]);
  });

  it("hands on whose pebble was pressed", () => {
    const onseat = vi.fn();
    show(Table, { cloth: "river", seats, label: "Stage", onseat });

    [...page.querySelectorAll("button")].find((button) => button.textContent?.startsWith("Ben"))?.click();

    expect(onseat).toHaveBeenCalledExactlyOnceWith("ben");
  });

  it("moves nobody to the other side when somebody leaves", () => {
    const more: TableSeat[] = [
      { id: "dee", name: "Dee", role: "speaker" },
      { id: "eli", name: "Eli", role: "speaker" },
    ];
    const props = $state({ cloth: "river" as const, seats: [...seats, ...more], label: "Stage" });
    show(Table, props);
    const before = said();

    props.seats = props.seats.filter(({ id }) => id !== "chi");
    flushSync();

    expect(said()).toEqual(before.filter((name) => !name?.startsWith("Chidi")));
  });

  describe("when somebody is called up", () => {
    const dee: TableSeat = { id: "dee", name: "Dee", role: "speaker" };
    let travels: { id: string | undefined; from: Keyframe | undefined }[];

    /** The queue's pebbles are at the left top, 22 pixels wide; those at the table 44. */
    function layOut(this: Element): DOMRect {
      return this.closest("[data-waits]") ? new DOMRect(0, 0, 22, 22) : new DOMRect(300, 200, 44, 44);
    }

    beforeEach(() => {
      travels = [];
      vi.stubGlobal("DOMRect", Rect);
      vi.stubGlobal("CSS", { escape: (text: string) => text });
      vi.spyOn(Element.prototype, "getBoundingClientRect").mockImplementation(layOut);
      Element.prototype.animate = function (this: HTMLElement, frames: Keyframe[]) {
        if (this.dataset.voice) travels.push({ id: this.dataset.voice, from: frames[0] });
        return {} as Animation;
      } as Element["animate"];
    });

    function callUp(isStill: boolean) {
      vi.stubGlobal("matchMedia", () => ({ matches: isStill }));
      const props = $state({ cloth: "river" as const, seats, label: "Stage" });
      show(QueueCard, { id: "dee", name: "Dee" });
      show(Table, props);
      expect(travels).toEqual([]);
      props.seats = [...seats, dee];
      flushSync();
    }

    it("lets the pebble travel from the queue to its seat, and nobody else's", () => {
      callUp(false);

      expect(travels).toEqual([{ id: "dee", from: { translate: "-311px -211px", scale: "0.5" } }]);
    });

    it("moves nothing for whoever wants less motion", () => {
      callUp(true);

      expect(travels).toEqual([]);
    });
  });

  it("names everybody while there is room", () => {
    show(Table, { cloth: "river", seats, label: "Stage" });

    expect(page.querySelectorAll(".name")).toHaveLength(3);
  });

  it("names only hosts and who speaks when a phone's table is crowded", () => {
    const crowd: TableSeat[] = Array.from({ length: 9 }, (_, i) => ({
      id: `s${i}`,
      name: `S${i}`,
      role: "speaker",
    }));
    show(Table, { cloth: "river", seats: [...seats, ...crowd], lit: ["s4"], label: "Stage" });

    const names = [...page.querySelectorAll(".name")].map((name) => name.firstChild?.textContent?.trim());

    expect(names.sort()).toEqual(["Ama", "Ben", "S4"]);
  });

  it("keeps you at the near edge, out of the line", () => {
    show(Table, {
      cloth: "river",
      seats: [...seats, { id: "me", name: "Me", role: "speaker", you: true }],
      label: "Stage",
    });

    expect(said().at(-1)).toBe("Me");
    expect(find("li:last-child").style.getPropertyValue("--x")).toMatch(
      /^-?0(\.0+\d*)?(e-\d+)?px$|^-?[\d.]+e-\d+px$/,
    );
  });
});

it("Now names at most two people, and says so when nobody speaks", () => {
  show(Now, { names: ["Bashir Qasim", "Jean-Baptiste", "Third"], quiet: "Quiet" });
  expect(page.textContent).toContain("Bashir Qasim");
  expect(page.textContent).toContain("and Jean-Baptiste");
  expect(page.textContent).not.toContain("Third");

  show(Now, { names: [], quiet: "Nobody speaks yet" });
  expect(page.textContent).toContain("Nobody speaks yet");
});

it("a request shows the note as a quotation", () => {
  show(QueueCard, { id: "chi", name: "Chidi", note: "About rivers", wait: "2 min" });

  expect(find("article").getAttribute("aria-label")).toBe("Chidi");
  expect(page.textContent).toContain("“About rivers”");
});

it("the tab bar says which place one is in", () => {
  const tabs = [
    { label: "Tonight", icon: "table", href: "/", active: true },
    { label: "You", icon: "user", href: "/settings" },
  ] as const;
  show(TabBar, { label: "Places", tabs, open: { label: "Open a space", act: () => {} } });

  expect(find("[aria-current=page]").textContent).toContain("Tonight");
  expect(find("button").getAttribute("aria-label")).toBe("Open a space");
});

it("the live badge counts by itself and stops when it is gone", async () => {
  vi.useFakeTimers({ now: 100_000 });
  show(LiveBadge, { since: 35_000 });
  expect(page.textContent).toContain("1:05");

  vi.advanceTimersByTime(1000);
  flushSync();
  expect(page.textContent).toContain("1:06");

  await Promise.all(mounted.map((piece) => unmount(piece)));
  mounted = [];
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});
