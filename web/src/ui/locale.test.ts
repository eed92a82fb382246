import { describe, expect, it } from "vitest";
import { localeOf } from "./locale";

describe("the locale of a page", () => {
  it("is the reader's own within the page's language", () => {
    expect(localeOf("en", ["de-DE", "en-GB", "en-US"])).toBe("en-GB-u-nu-latn");
    expect(localeOf("de", ["en-GB"])).toBe("de-u-nu-latn");
    expect(localeOf("", ["es-MX"])).toBe("es-MX-u-nu-latn");
    expect(localeOf("", [])).toBe("en-u-nu-latn");
  });

  it("counts with the digits that clocks here have", () => {
    expect((1_234).toLocaleString(localeOf("ar", ["ar-EG"]))).toMatch(/^1\D?234$/);
  });
});
