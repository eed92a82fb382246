import { type Heard, leftAndRight } from "../ear.ts";
import { expect, type Person, test } from "../people.ts";
import { STEREO_DB, writeStereo } from "../voice.ts";

/** What Ama plays to the left and to the right ear, in Hz. */
const PITCHES = [440, 620] as const;
/** Opus keeps what is left and what is right at least so far apart. */
const APART_DB = 25;

test("music is heard in stereo and as loud as it is played, and can be switched while all are there", async ({
  person,
}) => {
  const ama = await person("ama", { sound: (path) => writeStereo(path, ...PITCHES) });
  const ben = await person("ben", { viewport: { width: 390, height: 844 } });
  await ama.signUp();
  const path = await ama.openSpace("House concert");
  await ben.listen(path);
  await ama.unmute();

  // A space for voices sounds the same in both ears, though Ben's browser is ready for stereo.
  await expect.poll(() => hears(ben)).toBe("the same in both ears");
  await expect(ben.page.getByText("Music mode", { exact: true })).toHaveCount(0);

  await switchMusic(ama);
  await expect(ben.page.getByText("Music mode", { exact: true })).toBeVisible();
  await expect(ama.page.getByText(/wear headphones/i).first()).toBeVisible();
  await expect.poll(() => hears(ben), { timeout: 20_000 }).toBe("stereo");
  const [left, right] = await leftAndRight(ben.page, PITCHES, 2_000);
  expect(Math.abs((left.pitches[0] ?? -200) - STEREO_DB), JSON.stringify(left)).toBeLessThan(1);
  expect(Math.abs((right.pitches[1] ?? -200) - STEREO_DB), JSON.stringify(right)).toBeLessThan(1);

  await switchMusic(ama);
  await expect.poll(() => hears(ben), { timeout: 20_000 }).toBe("the same in both ears");
  await expect(ben.page.getByText("Music mode", { exact: true })).toHaveCount(0);

  // Nobody called anew for it; the microphone was asked for once for each way of using it.
  expect([await ama.callsMade(), await ben.callsMade()]).toEqual([1, 1]);
  expect(await ama.microphoneAsked()).toBe(3);
});

test("a space that is opened for music has it from the first note on", async ({ person }) => {
  const ama = await person("ama", { sound: (path) => writeStereo(path, ...PITCHES) });
  const ben = await person("ben");
  await ama.signUp();
  await ama.page.goto("/");
  await ama.page.getByRole("button", { name: "Open a space" }).first().click();
  const sheet = ama.page.getByRole("dialog");
  await sheet.getByLabel("Title").fill("House concert");
  await sheet.getByRole("switch", { name: "Music mode" }).check();
  await sheet.getByRole("button", { name: "Open a space" }).click();
  await ama.page.waitForURL("**/spaces/*");
  await ben.listen(new URL(ama.page.url()).pathname);
  await ama.unmute();

  await expect.poll(() => hears(ben), { timeout: 20_000 }).toBe("stereo");
  expect(await ama.microphoneAsked()).toBe(1);
  expect(await ama.barriers()).toEqual([]);
});

async function switchMusic(host: Person): Promise<void> {
  await host.page.getByRole("button", { name: "Sound", exact: true }).click();
  const sheet = host.page.getByRole("dialog", { name: "Sound" });
  await sheet.getByRole("switch", { name: "Music mode" }).click();
  await host.page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
}

/** What somebody hears of Ama, in words. */
async function hears(listener: Person): Promise<string> {
  const [left, right] = await leftAndRight(listener.page, PITCHES, 600);
  const differ = (at: number) => (left.pitches[at] ?? 0) - (right.pitches[at] ?? 0);
  if ([left, right].some((ear: Heard) => ear.all < -50)) return `nothing: ${JSON.stringify([left, right])}`;
  if (differ(0) > APART_DB && differ(1) < -APART_DB) return "stereo";
  if (Math.abs(differ(0)) < 0.1 && Math.abs(differ(1)) < 0.1) return "the same in both ears";
  return JSON.stringify([left, right]);
}
