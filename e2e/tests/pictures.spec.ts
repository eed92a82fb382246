/** A picture on its way: chosen, described, posted, and looked at by somebody else. */
import { expect, type Person, test } from "../people.ts";

/** A picture as a phone has it in its album. */
async function picture({ page }: Person): Promise<Buffer> {
  const bytes = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(640, 480);
    const brush = canvas.getContext("2d");
    if (!brush) throw new Error("This browser does not draw.");
    brush.fillStyle = "seagreen";
    brush.fillRect(0, 0, 640, 480);
    const blob = await canvas.convertToBlob({ type: "image/png" });
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  return Buffer.from(bytes);
}

test("what one posts with its description is seen, and read, by somebody else", async ({ person }) => {
  const ama = await person("ama");
  const ben = await person("ben", { viewport: { width: 390, height: 844 } });
  for (const somebody of [ama, ben]) await somebody.signUp();

  await ama.page.locator("input[type=file]").setInputFiles({
    name: "field.png",
    mimeType: "image/png",
    buffer: await picture(ama),
  });
  await ama.page.getByRole("textbox", { name: /^Describe picture 1/ }).fill("A field in the morning");
  expect(await ama.barriers()).toEqual([]);
  await ama.page.getByLabel("What do you want to say?").fill("From today");
  await ama.page.getByRole("button", { name: "Post", exact: true }).click();
  const named = { name: "Picture 1 of 1: A field in the morning" };
  await expect(ama.page.getByRole("button", named)).toBeVisible();

  await ben.page.goto("/people/ama");
  await ben.page.getByRole("tab", { name: "Posts" }).click();
  const shown = ben.page.getByRole("button", named);
  await expect(shown).toBeVisible();
  const width = () => shown.locator("img").evaluate((image: HTMLImageElement) => image.naturalWidth);
  await expect.poll(width).toBeGreaterThan(100);
  await shown.click();
  await expect(
    ben.page.getByRole("dialog").getByRole("img", { name: "A field in the morning" }),
  ).toBeVisible();
  expect(await ben.barriers()).toEqual([]);
  await ben.page.keyboard.press("Escape");
  await expect(ben.page.getByRole("dialog")).toHaveCount(0);
});
