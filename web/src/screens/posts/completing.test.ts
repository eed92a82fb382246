import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { person } from "../../api/samples";
import type { Person } from "../../api/types";
import { Completing, type Offer, withOffer } from "./completing.svelte";

/** What was asked for, and what is found. */
let asked: string[] = [];
let people: Person[] = [];
let completing: Completing;
/** The answer comes once this is there. */
let held: Promise<unknown>;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  held = Promise.resolve();
  people = [person("berta"), person("ben")];
  completing = new Completing(() => [person("ben"), person("chidi")]);
  vi.stubGlobal("fetch", async (url: string) => {
    const query = new URL(url, location.origin).searchParams;
    asked.push(`${query.get("kind")} ${query.get("q")}`);
    await held;
    const items = people.map((one) => ({ ...one, relation: null }));
    const tags = { items: [{ tag: "bread", posts: 3 }], next_cursor: null };
    return Response.json({ people: { items, next_cursor: null }, tags, spaces: null, posts: null });
  });
});
afterEach(() => {
  completing.shut();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const words = () => completing.offered.map(({ word }) => word);
const type = (text: string) => completing.follow(text, text.length);
/** Let the pause go by, and the answer come. */
const wait = () => vi.advanceTimersByTimeAsync(300);

function press(key: string, take: (offer: Offer) => void = () => undefined): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, cancelable: true });
  completing.pressed(event, take);
  return event;
}

it("offers whom one knows at once, and whom the server finds a moment later, each once", async () => {
  type("Ask @be");
  expect(words()).toEqual(["ben"]);
  await wait();

  expect(words()).toEqual(["ben", "berta"]);
  expect(asked).toEqual(["people be"]);
});

it("asks once for what is typed quickly, and for nobody by one letter", async () => {
  for (const text of ["@", "@b", "@be", "@ber"]) type(text);
  await wait();
  type("@c");
  await wait();

  expect(asked).toEqual(["people ber"]);
  expect(words()).toEqual(["chidi"]);
});

it("offers hashtags", async () => {
  type("Fresh #br");
  expect(words()).toEqual([]);
  await wait();

  expect(asked).toEqual(["tags br"]);
  const [offer] = completing.offered;
  expect(offer && withOffer("Fresh #br", 9, offer)).toEqual({ text: "Fresh #bread ", caret: 13 });
});

it("drops an answer to what is not there any more", async () => {
  let arrive: (value: unknown) => void = () => undefined;
  held = new Promise((resolve) => {
    arrive = resolve;
  });
  type("@be");
  await wait();
  expect(asked).toEqual(["people be"]);
  type("nobody");
  arrive(null);
  await wait();

  expect(words()).toEqual([]);
});

it("goes on without an answer", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("away")));
  type("@be");
  await wait();

  expect(words()).toEqual(["ben"]);
});

it("has the keys while something is offered, and no longer", async () => {
  const take = vi.fn();
  expect(press("Enter", take).defaultPrevented).toBe(false);
  type("@be");
  await wait();
  press("ArrowDown");
  expect(completing.marked).toBe(1);
  press("ArrowDown");
  press("ArrowUp");
  expect(press("Enter", take).defaultPrevented).toBe(true);
  expect(take.mock.calls[0]?.[0].word).toBe("berta");

  expect(press("Escape").defaultPrevented).toBe(true);
  expect(words()).toEqual([]);
  expect(press("Escape").defaultPrevented).toBe(false);
});
