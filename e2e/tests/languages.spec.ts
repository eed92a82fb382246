import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, test } from "../people.ts";

const PHONE = { width: 390, height: 844 };

/** What a language says, by what English says. */
function wordsOf(tag: string): (english: string) => string {
  const file = new URL(`../../web/words/${tag}.json`, import.meta.url);
  const { words } = JSON.parse(readFileSync(file, "utf8")) as { words: Record<string, string> };
  return (english) => words[english] ?? english;
}

/** What one cannot see whole: controls beyond the page's edges, and labels that are longer than their button. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide = document.documentElement.scrollWidth > innerWidth ? ["the page scrolls sideways"] : [];
    const controls = [...document.querySelectorAll<HTMLElement>("button, a[href], [role=tab]")].filter(
      // A glow and a name reach beyond their seat, and are seen all the same.
      (control) => !control.closest(".seat"),
    );
    const cut = controls.filter((control) => {
      const { left, right, width } = control.getBoundingClientRect();
      const isOutside = width > 0 && (left < -1 || right > innerWidth + 1);
      return control.checkVisibility() && (isOutside || control.scrollWidth > control.clientWidth + 1);
    });
    return [...wide, ...cut.map((control) => control.ariaLabel ?? control.textContent)];
  });
}

for (const [locale, tag, direction] of [
  ["de-DE", "de", "ltr"],
  ["ar-EG", "ar", "rtl"],
] as const) {
  test(`a phone in ${tag} comes into a space, and sees all of it in its own language`, async ({ person }) => {
    const say = wordsOf(tag);
    const [ama, lena] = [await person("ama"), await person("lena", { viewport: PHONE, locale })];
    await ama.signUp();
    const path = await ama.openSpace("Kitchen table");
    await lena.signUp();

    await lena.page.goto(path);
    await expect(lena.page.locator("html")).toHaveAttribute("lang", tag);
    await expect(lena.page.locator("html")).toHaveAttribute("dir", direction);
    const start = lena.page.getByRole("button", { name: say("Start listening") });
    await expect(start).toBeVisible();
    expect(await cutOff(lena.page)).toEqual([]);
    expect(await lena.barriers()).toEqual([]);

    await start.click();
    await expect(lena.page.getByRole("button", { name: say("Ask to speak") })).toBeVisible();
    await expect(lena.page.getByRole("region", { name: say("Stage") })).toContainText("Ama");
    await expect(lena.page.getByRole("region", { name: say("Stage") })).toContainText(say("Host"));
    expect(await cutOff(lena.page)).toEqual([]);
    expect(await lena.barriers()).toEqual([]);

    await lena.page.getByRole("button", { name: say("Ask to speak") }).click();
    await expect(lena.page.getByRole("dialog")).toBeVisible();
    expect(await lena.barriers()).toEqual([]);
  });
}

test("the language one chooses stays, whatever the browser asks for", async ({ person }) => {
  const ama = await person("ama", { locale: "es-ES" });
  await ama.signUp();
  await ama.page.goto("/settings");

  await ama.page.getByRole("combobox", { name: wordsOf("es")("Language") }).selectOption("de");
  await ama.page.getByRole("button", { name: wordsOf("es")("Change the language") }).click();
  await expect(ama.page.locator("html")).toHaveAttribute("lang", "de");
  await ama.page.goto("/");

  await expect(ama.page.getByRole("heading", { name: wordsOf("de")("Tonight"), level: 1 })).toBeVisible();
});
