import { describe, expect, it } from "vitest";
import { person } from "../../api/samples";
import { outsideLinkIn, piecesOf, spaceIn } from "./text";

const HERE = "https://table.example";
const pieces = (text: string, ...names: string[]) =>
  piecesOf(
    text,
    names.map((name) => person(name)),
    HERE,
  );
/** What leads somewhere: its words and where. */
const ways = (text: string, ...names: string[]) =>
  pieces(text, ...names).flatMap((piece) => (piece.kind === "text" ? [] : [`${piece.text} > ${piece.href}`]));

describe("a post's text", () => {
  it("is the same when its pieces are put together again", () => {
    const text = "Ama: @ben, see #bread!\n\nTomorrow (really) 👩‍👩‍👧‍👦.";
    const said = pieces(text, "ben").map((piece) => piece.text);

    expect(said.join("")).toBe(text);
  });

  it("leads to people it names, and a name that nobody has stays text", () => {
    expect(ways("@ben and @Ben_2 and @nobody", "ben", "ben_2")).toEqual([
      "@ben > /people/ben",
      "@Ben_2 > /people/ben_2",
    ]);
  });

  it.each(["mail ben@ama.example", "a/@ben", "@ben@elsewhere", "@@ben", "#@ben"])(
    "names nobody: %s",
    (text) => expect(ways(text, "ben", "ama")).toEqual([]),
  );

  it.each([
    ["#Bread, #brød_2", ["#Bread > /explore?tag=bread", "#brød_2 > /explore?tag=br%C3%B8d_2"]],
    ["#2026 a#b &#39; ##x", []],
    ["#हिन्दी", ["#हिन्दी > /explore?tag=%E0%A4%B9%E0%A4%BF%E0%A4%A8%E0%A5%8D%E0%A4%A6%E0%A5%80"]],
  ])("finds the tags of %s", (text, found) => expect(ways(text)).toEqual(found));

  it("leads outside by the whole address, without the full stop after it", () => {
    expect(ways("See https://bread.example/a_(b), (https://bread.example/c).")).toEqual([
      "bread.example/a_(b) > https://bread.example/a_(b)",
      "bread.example/c > https://bread.example/c",
    ]);
  });

  it("does not end the page for an address of this instance", () => {
    const [link] = pieces(`${HERE}/spaces/kitchen?x#y`);

    expect(link).toEqual({
      kind: "link",
      text: "table.example/spaces/kitchen?x#y",
      href: "/spaces/kitchen?x#y",
      isOutside: false,
    });
  });

  it("shows where a link leads, not what it looks like", () => {
    expect(ways("https://аpple.example/")[0]).toMatch(/^xn--/);
    const [link] = pieces(`https://bread.example/${"x".repeat(80)}`);
    expect(link?.text).toHaveLength(42);
  });

  it.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "https://a:b@bread.example/",
    "https://",
    "www.bread.example",
  ])("%s leads nowhere", (text) => expect(ways(text)).toEqual([]));
});

describe("the space in a text", () => {
  it("is the first one of this instance", () => {
    expect(spaceIn(`Come! ${HERE}/spaces/kitchen and ${HERE}/spaces/garden`, HERE)).toBe("kitchen");
  });

  it("is none of another instance, and no other page", () => {
    expect(spaceIn(`https://other.example/spaces/kitchen ${HERE}/people/ama`, HERE)).toBeNull();
  });
});

describe("the link in a text that gets a card", () => {
  it("is the first one, as it was typed and without what stands after it", () => {
    expect(outsideLinkIn("See (https://a.example/Salt_(bread)), https://b.example", HERE)).toBe(
      "https://a.example/Salt_(bread)",
    );
  });

  it("is none where the first one leads to this instance", () => {
    expect(outsideLinkIn(`${HERE}/people/ama https://a.example`, HERE)).toBeNull();
  });

  it("is none that says who somebody is, nor one that leads nowhere", () => {
    expect(outsideLinkIn("https://me@a.example https://", HERE)).toBeNull();
  });
});
