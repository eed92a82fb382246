/** A voice note in real browsers: somebody says it, posts it, and another hears the very same voice. */
import { expect, type Person, test } from "../people.ts";

const button = ({ page }: Person, name: string | RegExp) => page.getByRole("button", { name, exact: true });
const PITCH = 523;

/** Fetch what a page plays, and tell how long it is (s) and how much of its power is at a pitch (0 to 1). */
async function heard({ page }: Person, pitch: number): Promise<{ seconds: number; share: number }> {
  return page.evaluate(async (pitch) => {
    const entry = performance
      .getEntriesByType("resource")
      .map(({ name }) => name)
      .findLast((name) => name.includes("/voice-notes/"));
    const octets = await (await fetch(entry ?? "")).arrayBuffer();
    const sound = await new OfflineAudioContext(1, 1, 48_000).decodeAudioData(octets);
    const samples = sound.getChannelData(0).slice(24_000, 24_000 + 48_000);
    const powerAt = (hz: number) => {
      let [real, other] = [0, 0];
      samples.forEach((sample, at) => {
        real += sample * Math.cos((2 * Math.PI * hz * at) / 48_000);
        other += sample * Math.sin((2 * Math.PI * hz * at) / 48_000);
      });
      return (2 * (real ** 2 + other ** 2)) / samples.length;
    };
    // A voice rises and falls four times a second, which moves some of it beside its pitch.
    const near = [-4, 0, 4].reduce((sum, beside) => sum + powerAt(pitch + beside), 0);
    const all = samples.reduce((sum, sample) => sum + sample * sample, 0);
    return { seconds: sound.duration, share: near / all };
  }, pitch);
}

test("Ama says it instead of writing it, and Ben hears it", async ({ person }) => {
  test.setTimeout(180_000);
  const ama = await person("ama", { voice: PITCH });
  const ben = await person("ben", { viewport: { width: 390, height: 844 }, colorScheme: "dark" });
  for (const somebody of [ama, ben]) await somebody.signUp();

  await test.step("Ama records by keyboard, hears herself, and posts it with what she says", async () => {
    await ama.page.goto("/");
    await button(ama, "Record your voice").press("Enter");
    const recorder = ama.page.getByRole("region", { name: "Your voice" });
    await expect(recorder).toBeVisible();
    expect(await ama.microphoneAsked()).toBe(0);
    expect(await ama.barriers()).toEqual([]);
    await button(ama, "Start recording").press("Enter");
    await expect(recorder).toContainText("2:17", { timeout: 15_000 });
    expect(await ama.barriers()).toEqual([]);
    await button(ama, "Stop recording").press("Enter");
    await expect(recorder.getByRole("slider")).toBeVisible();
    await button(ama, "Play").click();
    await expect(recorder.getByRole("slider")).toHaveAttribute("aria-valuenow", /[1-9]/);
    expect(await ama.barriers()).toEqual([]);
  });

  await test.step("It waits for her while she looks elsewhere", async () => {
    await ama.page.getByRole("link", { name: "Explore" }).first().click();
    await expect(ama.page.getByRole("region", { name: "Your voice" })).toHaveCount(0);
    await ama.page.getByRole("link", { name: "Tonight" }).first().click();
    await expect(ama.page.getByRole("slider")).toBeVisible();
    await ama.page.getByLabel("What do you want to say?").fill("Good morning");
    await button(ama, "Post").click();
    const post = ama.page.getByRole("article").filter({ hasText: "Good morning" });
    await expect(post.getByRole("slider")).toBeVisible();
    await expect(ama.page.getByRole("region", { name: "Your voice" })).toHaveCount(0);
  });

  await test.step("Ben plays it, and what comes is her voice", async () => {
    await ben.page.goto("/people/ama");
    await ben.page.getByRole("tab", { name: "Posts" }).click();
    const slider = ben.page.getByRole("slider", { name: "Place in the voice note" });
    await button(ben, "Play").click();
    await expect(button(ben, "Pause")).toBeVisible();
    await expect(slider).toHaveAttribute("aria-valuenow", /[1-9]/);
    const { seconds, share } = await heard(ben, PITCH);
    expect(seconds).toBeGreaterThan(2);
    expect(seconds).toBeLessThan(20);
    expect(share).toBeGreaterThan(0.4);
    expect((await heard(ben, 2 * PITCH + 60)).share).toBeLessThan(0.05);
  });

  await test.step("He goes to where he wants to hear, by keyboard and by touch, and faster", async () => {
    const slider = ben.page.getByRole("slider", { name: "Place in the voice note" });
    await button(ben, "Pause").or(button(ben, "Play")).click();
    await slider.press("Home");
    await expect(slider).toHaveAttribute("aria-valuetext", /^0:00 of 0:\d\d$/);
    await slider.press("End");
    const last = (await slider.getAttribute("aria-valuemax")) ?? "";
    await expect(slider).toHaveAttribute("aria-valuenow", last);
    const box = await slider.boundingBox();
    await slider.click({ position: { x: (box?.width ?? 0) / 2, y: 20 } });
    await expect(slider).not.toHaveAttribute("aria-valuenow", last);
    await expect(slider).not.toHaveAttribute("aria-valuenow", "0");
    await button(ben, /^Speed: 1$/).click();
    await expect(button(ben, "Speed: 1.5")).toBeVisible();
    expect(await ben.barriers()).toEqual([]);
    expect(new URL(ben.page.url()).pathname).toBe("/people/ama");
  });

  await test.step("Once she blocks him, nothing of it comes any more", async () => {
    const address = await ben.page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .map(({ name }) => new URL(name).pathname)
        .findLast((path) => path.includes("/voice-notes/")),
    );
    expect(await ama.request("PUT", "/people/@ben/block")).toBe(204);
    expect(await ben.request("GET", (address ?? "").replace("/api/v1", ""))).toBe(404);
  });
});

test("nobody records with a microphone that is open in a space", async ({ person }) => {
  test.setTimeout(120_000);
  const ama = await person("ama", { voice: PITCH, viewport: { width: 1440, height: 900 } });
  await ama.signUp();
  await ama.openSpace("Bread");
  await ama.unmute();
  await ama.page.goBack();
  // Where the sheet for a new space is open again.
  const sheet = ama.page.getByRole("dialog", { name: "A new space" });
  await expect(sheet).toBeVisible();
  await sheet.press("Escape");
  await expect(sheet).toBeHidden();
  await button(ama, "Record your voice").click();
  await button(ama, "Start recording").click();

  await expect(ama.page.getByRole("alert").filter({ hasText: "open in a space" })).toBeVisible();
});
