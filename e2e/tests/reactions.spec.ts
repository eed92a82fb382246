/** Reactions in real browsers: one sees what the other gave, whoever it was and by whatever means. */
import { expect, type Person, test } from "../people.ts";

const button = ({ page }: Person, name: string) => page.getByRole("button", { name, exact: true });
/** What is counted for somebody who wants little motion. */
const counted = ({ page }: Person) => page.locator(".counted");
const rising = ({ page }: Person) => page.locator(".rising .up");

test("a guest and a host react, by hand and by keys, and see one another do so", async ({ person }) => {
  test.setTimeout(180_000);
  const ama = await person("ama");
  const ben = await person("ben", { viewport: { width: 390, height: 844 } });
  await ama.page.emulateMedia({ reducedMotion: "reduce" });
  await ama.signUp();
  const path = await ama.openSpace("Kitchen table");
  await ben.listen(path);
  await expect(button(ben, "Applause")).toBeVisible();
  await expect(button(ama, "React")).toBeVisible();

  await test.step("Ben gives a heart and applause in a tone of his, by keys alone", async () => {
    const { keyboard } = ben.page;
    await keyboard.press("e");
    const panel = ben.page.getByRole("dialog", { name: "React" });
    await expect(panel.getByRole("button", { name: "Applause" })).toBeFocused();
    expect(await ben.barriers()).toEqual([]);
    await keyboard.press("ArrowRight");
    await keyboard.press("Enter");
    await expect(rising(ben)).not.toHaveCount(0);
    await expect(counted(ama)).toHaveText("1");

    await panel.getByRole("radio", { name: "Lamp light" }).focus();
    await keyboard.press("ArrowRight");
    await expect(panel.getByRole("radio", { name: "Light", exact: true })).toBeChecked();
    const sent = ama.page.waitForFunction(() => document.querySelectorAll(".counted span").length >= 2);
    await panel.getByRole("button", { name: "Applause" }).press("Enter");
    await sent;
    await keyboard.press("Escape");
    await expect(panel).toBeHidden();
  });

  await test.step("and Ama, who sits at the table, is seen to give hers", async () => {
    await expect(rising(ben)).toHaveCount(0);
    await button(ama, "React").click();
    expect(await ama.barriers()).toEqual([]);
    await ama.page.getByRole("button", { name: "Laughter" }).click();
    await expect(rising(ben)).toHaveCount(1);
    const [from, seat] = await Promise.all([
      rising(ben).first().boundingBox(),
      ben.page.getByRole("button", { name: /^Ama/ }).boundingBox(),
    ]);
    expect(Math.abs((from?.x ?? 0) - (seat?.x ?? 1_000))).toBeLessThan(90);
    await expect(rising(ama)).toHaveCount(0);
  });

  await test.step("Whoever taps without end is told so, calmly and once", async () => {
    for (let tap = 0; tap < 16; tap++) await button(ben, "Fire").click();
    await expect(ben.page.getByText("Give it a second before the next one.")).toHaveCount(1);
    await expect(counted(ama)).toContainText("1");
    expect(await rising(ben).count()).toBeLessThanOrEqual(12);
  });

  await test.step("The tone is there again after a reload", async () => {
    await ben.page.reload();
    await button(ben, "Start listening").click();
    await button(ben, "React").click();
    await expect(ben.page.getByRole("radio", { name: "Light", exact: true })).toBeChecked();
  });
});
