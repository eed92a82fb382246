/** Somebody without a mouse: goes from one thing to the next by Tab, and presses keys there. */
import { expect, type Locator } from "@playwright/test";
import type { Person } from "./people.ts";

/** More than there are to tab through on any screen. */
const TABS = 80;

/** Go to something by Tab. */
async function reach({ name, page }: Person, wanted: Locator): Promise<void> {
  await expect(wanted).toBeVisible();
  for (let tabs = 0; tabs < TABS; tabs++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${name} cannot reach ${wanted} by keys`);
}

/** Go to something and press a key there. */
export async function press(person: Person, wanted: Locator, key = "Enter"): Promise<void> {
  await reach(person, wanted);
  await person.page.keyboard.press(key);
}

/** Go to a field and write into it. */
export async function write(person: Person, field: Locator, text: string): Promise<void> {
  await reach(person, field);
  await person.page.keyboard.type(text);
}

/** Tells whether a pointer was used on any page of somebody; to be asked for before the first page is opened. */
export async function watchPointer({ page }: Person): Promise<() => boolean> {
  let isUsed = false;
  await page.exposeFunction("pointerUsed", () => {
    isUsed = true;
  });
  await page.addInitScript(() => {
    const tell = () => (window as unknown as { pointerUsed(): void }).pointerUsed();
    addEventListener("pointerdown", tell, true);
  });
  return () => isUsed;
}
