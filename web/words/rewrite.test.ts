// @vitest-environment node
import { describe, expect, it } from "vitest";
import { rewrite, type Translate } from "./rewrite.ts";

/** A language in which everything is said in capitals, and its sentences as they were met. */
function loud(said: Record<string, string | Record<string, string>> = {}) {
  const met: string[] = [];
  const translate: Translate = {
    text(english) {
      met.push(english);
      return (said[english] as string) ?? english.replace(/[a-z]/g, (letter) => letter.toUpperCase());
    },
    forms(english) {
      met.push(Object.values(english).join(" | "));
      return said[Object.values(english).join(" | ")] as Record<string, string> | undefined;
    },
  };
  return { met, translate };
}

const markup = (source: string, said = {}) => rewrite(source, true, loud(said).translate);
const script = (source: string, said = {}) => rewrite(source, false, loud(said).translate);
const metIn = (source: string, isMarkup = true) => {
  const { met, translate } = loud();
  rewrite(source, isMarkup, translate);
  return met;
};

describe("markup", () => {
  it("keeps a sentence whole, whatever stands in it", () => {
    const source = "<p>Hello <b>dear {name}</b>, you are {place} in line.</p>";

    expect(metIn(source)).toEqual(["Hello <0>dear {1}</0>, you are {2} in line."]);
    expect(markup(source, { "Hello <0>dear {1}</0>, you are {2} in line.": "{2}! <0>{1}</0>" })).toBe(
      "<p>{place}! <b>{name}</b></p>",
    );
  });

  it("leaves icons beside a sentence where they are", () => {
    expect(markup('<p><Icon name="mic" /> Mute</p>')).toBe('<p><Icon name="mic" /> MUTE</p>');
    expect(metIn("<p><Icon /> Sounds good</p>")).toEqual(["Sounds good"]);
  });

  it("looks into what stands side by side, and into what is shown at times only", () => {
    const source =
      "<p><strong>Now</strong><br />{#if late}Too late{:else}In time{/if}</p>{#snippet foot()}Bye{/snippet}";

    expect(metIn(source)).toEqual(["Now", "Too late", "In time", "Bye"]);
  });

  it("finds what is read, heard and handed on, and leaves names of the program alone", () => {
    const source =
      '<button class="Big one" type="button" aria-label="Leave {title}" title={isOn ? "Mute" : "Unmute"}>x</button>' +
      '<Row tone="danger" label="Sure?" empty="Nobody is here" onclick={() => room.act("mute all", go)} />';

    expect(metIn(source)).toEqual(["Leave {0}", "Mute", "Unmute", "x", "Sure?", "Nobody is here"]);
  });

  it("keeps a blank that stands in braces, where an element begins", () => {
    expect(markup('<p><b>{clock}</b>{#if whole}{" of "}{whole}{/if}</p>')).toBe(
      '<p><b>{clock}</b>{#if whole}{" "}OF {whole}{/if}</p>',
    );
  });

  it("writes nothing that could end an attribute or begin an expression", () => {
    const said = { Leave: 'say "<b>" & {no}', Stay: "<i>{x}</i> & y" };

    expect(markup('<a title="Leave">Stay</a>', said)).toBe(
      '<a title="say &quot;&#60;b>&quot; &#38; &#123;no&#125;">&#60;i>&#123;x&#125;&#60;/i> &#38; y</a>',
    );
  });
});

describe("scripts", () => {
  it("tells words from names by how they look and where they stand", () => {
    const source = `
      import x from "Some module";
      type Kind = "Not a word" | "Other one";
      if (event.key === "Escape" && kind !== "A kind") throw new Error("The page is broken.");
      const word = { "Not a key": "Be heard", role: "co_host", path: "M4 12h2", at: table["Some row"] };
      element.closest("dialog p");
    `;

    expect(metIn(source, false)).toEqual(["Be heard"]);
  });

  it("gives a sentence its parts in another order, and what stands in them", () => {
    const source = 'const said = `${name} is at ${isFar ? "Far away" : place}`;';

    expect(script(source, { "{0} is at {1}": "{1}: {0} `$`" })).toBe(
      'const said = `${isFar ? "FAR AWAY" : place}: ${name} \\`\\$\\``;',
    );
  });

  it("translates a marked word, and takes the mark away", () => {
    expect(script('const word = term("now");')).toBe('const word = "NOW";');
  });

  it("gives a number all forms of the language, and the same thing in each the same part", () => {
    const source = "counted(n, { one: `${who} and one`, other: `${who} and # at ${place}` })";
    const key = "{0} and one | {0} and # at {1}";

    expect(script(source, { [key]: { zero: "{0}", few: "# {1} {0}", other: "x" } })).toBe(
      'counted(n, { zero: `${who}`, few: `# ${place} ${who}`, other: "x" })',
    );
    expect(script(source)).toBe(source);
  });
});
