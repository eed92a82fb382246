/** How turns are given, in real browsers: a fast lane with one thumb, and a line run by keys alone. */
import { press } from "../keys.ts";
import { expect, type Person, test } from "../people.ts";

const button = ({ page }: Person, name: string | RegExp) => page.getByRole("button", { name, exact: true });
const queue = ({ page }: Person) => page.getByRole("region", { name: "Queue" });

async function ask(person: Person, path: string): Promise<void> {
  await person.listen(path);
  await button(person, "Ask to speak").click();
  await person.page.getByRole("dialog").getByRole("button", { name: "Ask to speak" }).click();
  await expect(button(person, /You are next|in line/)).toBeVisible();
}

/** Look at one's own microphone while waiting, and want to be heard as soon as one is up. */
async function beReady(person: Person): Promise<void> {
  await button(person, /You are next|in line/).click();
  const sheet = person.page.getByRole("dialog");
  await sheet.getByRole("button", { name: "Check my microphone" }).click();
  await expect(sheet.getByText("Sounds good")).toBeVisible();
  await sheet.getByRole("switch", { name: "Be heard as soon as I am up" }).click();
  expect(await person.barriers()).toEqual([]);
  await sheet.getByRole("button", { name: "Keep listening" }).click();
}

test("a fast lane: one voice follows another at one tap", async ({ person }) => {
  test.setTimeout(180_000);
  const ama = await person("ama", { viewport: { width: 390, height: 844 } });
  const ben = await person("ben", { voice: 620 });
  const chidi = await person("chidi", { voice: 440 });
  const dora = await person("dora");
  for (const somebody of [ama, ben, chidi]) await somebody.signUp();
  const path = await ama.openSpace("Sing your dialect");
  const space = path.split("/").at(-1) ?? "";
  expect(await ama.request("PUT", `/spaces/${space}/queue`, { policy: "fast_lane", turn_seconds: 60 })).toBe(
    200,
  );
  await dora.listen(path);

  await test.step("Both singers check their microphones while they wait, and nobody hears them", async () => {
    for (const singer of [ben, chidi]) {
      await ask(singer, path);
      await beReady(singer);
    }
    await expect(ama.page.getByRole("region", { name: "Fast lane" })).toContainText("Mic ready");
    expect(await ama.barriers()).toEqual([]);
    await expect(dora).not.toHear(ben);
  });

  await test.step("Next! and Ben is heard, without a tap of his own", async () => {
    await button(ama, "Next!").click();
    await expect(dora).toHear(ben);
    await expect(dora.page.getByRole("timer")).toContainText("left of 1:00");
  });

  await test.step("Next! and Chidi is heard in Ben's place, who listens again", async () => {
    await button(ama, "Next!").click();
    await expect(dora).toHear(chidi);
    await expect(dora).not.toHear(ben);
    await expect(button(ben, "Ask to speak")).toBeVisible();
    expect(await ben.callsMade()).toBe(1);
  });
});

test("a host runs the line by keys alone", async ({ person }) => {
  test.setTimeout(180_000);
  const ama = await person("ama");
  const ben = await person("ben");
  const chidi = await person("chidi");
  for (const somebody of [ama, ben, chidi]) await somebody.signUp();
  const path = await ama.openSpace("Kitchen table");
  for (const somebody of [ben, chidi]) await ask(somebody, path);
  const names = () =>
    queue(ama)
      .getByRole("article")
      .evaluateAll((cards) => cards.map((card) => card.getAttribute("aria-label")));
  await expect.poll(names).toEqual(["Ben", "Chidi"]);

  await test.step("Chidi is moved to the front", async () => {
    await press(ama, button(ama, /^Move Chidi/), "ArrowUp");
    await expect.poll(names).toEqual(["Chidi", "Ben"]);
    await expect(button(chidi, "You are next")).toBeVisible();
    await expect(ama.page.getByText("Chidi: place 1 of 2.")).toBeAttached();
    await expect(button(ama, /^Move Chidi/)).toBeFocused();
  });

  await test.step("and brought up; he says yes by a key of his own", async () => {
    await press(ama, button(ama, "Bring up").first());
    await press(chidi, button(chidi, "Go on stage"));
    await expect(button(chidi, "Go on stage")).toBeHidden();
    await expect(button(chidi, "Unmute")).toBeVisible();
  });

  await test.step("The stage is locked, which Ben is told when he asks again", async () => {
    await press(ama, button(ama, "Lock the stage"));
    await expect(button(ama, "Unlock the stage")).toBeVisible();
    await button(ben, "You are next").click();
    await ben.page.getByRole("button", { name: "Leave the line" }).click();
    await expect(button(ben, "Ask to speak")).toBeHidden();
  });
});
