// @vitest-environment node
import { describe, expect, it, vi } from "vitest";
import {
  type Catalog,
  catalogOf,
  faultsOf,
  formsOf,
  gapsOf,
  type Sentence,
  sentences,
  sorted,
  translated,
} from "./languages.ts";
import { pseudo } from "./pseudo.ts";

const all = sentences();

const catalog = (words: Catalog["words"]): Catalog => ({ language: "Test", direction: "ltr", words });
const sentence = (key: string, forms: Sentence["forms"] = null): Sentence => ({
  key,
  forms,
  places: ["a.ts:1"],
});

describe("every language", () => {
  it.each(translated())("%s says what English says, with the same parts", (tag) => {
    expect(faultsOf(tag, all)).toEqual([]);
  });

  it.each(translated())("%s says nearly everything: the newest sentences may still be in English", (tag) => {
    expect(gapsOf(tag, all).length).toBeLessThan(all.length / 20);
  });

  it.each(translated())("%s is in order (node web/words/check.ts --sort)", (tag) => {
    const catalog = catalogOf(tag);
    expect(Object.keys(catalog.words)).toEqual(Object.keys(sorted(catalog).words));
  });

  it("is held against sentences of all kinds of files", () => {
    const keys = all.map(({ key }) => key);

    expect(keys.length).toBeGreaterThan(900);
    expect(keys).toEqual(expect.arrayContaining(["Start listening", "Ask to speak", "# minute | # minutes"]));
  });
});

describe("what is wrong with a catalog", () => {
  it("names what is missing and what is left over", () => {
    const gaps = gapsOf("de", [sentence("Leave")], catalog({ Gone: "Weg" }));

    expect(gaps).toEqual(['de: missing: "Leave" (a.ts:1)', 'de: left over: "Gone"']);
  });

  it("names a sentence that has lost a part, or has one that nobody gives", () => {
    const given = [sentence("{0} is <1>here</1>")];

    expect(faultsOf("de", given, catalog({ "{0} is <1>here</1>": "<1>Da</1>: {0}" }))).toEqual([]);
    expect(faultsOf("de", given, catalog({ "{0} is <1>here</1>": "{0} da" }))).toHaveLength(1);
    expect(faultsOf("de", given, catalog({ "{0} is <1>here</1>": "<1>{0} {2}</1>" }))).toHaveLength(1);
  });

  it("names what would stick to the name before or after it", () => {
    const faults = (key: string, said: string) => faultsOf("de", [sentence(key)], catalog({ [key]: said }));

    expect(faults(", whom you follow", "hört zu")).toEqual([
      'de: begins without a blank: ", whom you follow" (a.ts:1)',
    ]);
    expect(faults(" and more", "und mehr")).toHaveLength(1);
    expect(faults("With ", "Mit")).toEqual(['de: ends without a blank: "With " (a.ts:1)']);
    for (const said of [" hört zu", ", der du folgst", "، ممن تتابعهم"])
      expect(faults(", whom you follow", said)).toEqual([]);
    expect(faults("“{0}” is over", "{0} vorbei")).toEqual([]);

    const forms = { one: ", is here", other: ", are here" };
    const key = ", is here | , are here";
    const said = { one: " sitzt da", other: "sitzen da" };
    expect(faultsOf("de", [sentence(key, forms)], catalog({ [key]: said }))).toHaveLength(1);
  });

  it("names the forms that a language has and a sentence has not", () => {
    const given = [sentence("# day | # days", { one: "# day", other: "# days" })];

    expect(faultsOf("ar", given, catalog({ "# day | # days": { one: "x", other: "y" } }))).toEqual([
      'ar: without zero, two, few, many: "# day | # days" (a.ts:1)',
    ]);
  });

  it("knows the forms of each language", () => {
    expect(formsOf("de").sort()).toEqual(["one", "other"]);
    expect(formsOf("es").sort()).toEqual(["one", "other"]);
    expect(formsOf("ar").sort()).toEqual(["few", "many", "one", "other", "two", "zero"]);
  });
});

it("marks every letter for tests, makes it longer, and leaves the parts", () => {
  expect(pseudo("Leave {0}")).toBe("Ļéáṽé {0}~~~~");
  expect(pseudo("<0>No</0>")).toMatch(/^<0>Ñó<\/0>~+$/);
  expect(pseudo("The quick brown fox jumps over the lazy dog")).not.toMatch(/[a-z]/i);
});

it("begins a handle with its sign also where text runs from the right", () => {
  const fromRight = translated()
    .map(catalogOf)
    .filter(({ direction }) => direction === "rtl");
  const said = fromRight
    .flatMap(({ words }) => Object.values(words))
    .flatMap((one) => (typeof one === "string" ? one : Object.values(one)));

  expect(said.filter((text) => /(?<![\w\u200e]|\w, )@/.test(text))).toEqual([]);
});

describe("the six numbers of Arabic", () => {
  const forms = catalogOf("ar").words["# minute | # minutes"] as Record<string, string>;

  it.each([
    [0, "0 دقيقة"],
    [1, "دقيقة واحدة"],
    [2, "دقيقتان"],
    [3, "3 دقائق"],
    [10, "10 دقائق"],
    [11, "11 دقيقة"],
    [100, "100 دقيقة"],
    [103, "103 دقائق"],
  ])("%d minutes are said as one says them", async (count, said) => {
    vi.stubGlobal("document", { documentElement: { lang: "ar" } });
    vi.stubGlobal("navigator", { languages: ["ar-EG"] });
    vi.resetModules();
    const { counted } = await import("../src/ui/locale.ts");

    expect(counted(count, forms as { other: string })).toBe(said);
    vi.unstubAllGlobals();
  });
});
