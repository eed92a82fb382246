/** A whole evening by keys alone, of a host and of a listener who becomes a speaker. */
import { press, watchPointer, write } from "../keys.ts";
import { expect, type Person, test } from "../people.ts";

const button = ({ page }: Person, name: string | RegExp) => page.getByRole("button", { name, exact: true });
const sheet = ({ page }: Person, name: string) => page.getByRole("dialog", { name, exact: true });

test("an evening without a mouse, by keyboard from signing up to the end", async ({ person }) => {
  test.setTimeout(240_000);
  const ama = await person("ama", { voice: 440 });
  const ben = await person("ben", { voice: 620 });
  const used = [await watchPointer(ama), await watchPointer(ben)];

  await test.step("Both sign up", async () => {
    for (const somebody of [ama, ben]) await signUp(somebody);
  });

  await test.step("Ama opens a space", async () => {
    await press(ama, button(ama, "Open a space"));
    const asked = sheet(ama, "A new space");
    await write(ama, asked.getByLabel("Title"), "Kitchen table");
    await press(ama, asked.getByRole("button", { name: "Open a space" }));
    await ama.page.waitForURL("**/spaces/*");
  });

  await test.step("She invites Ben to listen, by name", async () => {
    await press(ama, button(ama, "Invite"));
    const invite = sheet(ama, "Invite");
    await write(ama, invite.getByLabel("Name", { exact: true }), "ben");
    await press(ama, invite.getByRole("radio", { name: "To speak" }), "ArrowUp");
    await expect(invite.getByRole("radio", { name: "To listen" })).toBeChecked();
    await press(ama, invite.getByRole("button", { name: "Invite", exact: true }));
    await expect(ama.page.getByText("@ben is invited, and is told so.")).toBeVisible();
    await close(ama, "Invite");
    await expect(button(ama, "Invite")).toBeFocused();
  });

  await test.step("M opens her microphone from wherever she is; Ben reads of it, comes in and hears her", async () => {
    await ama.page.keyboard.press("m");
    await expect(button(ama, "Mute")).toBeVisible();
    await press(ben, ben.page.getByRole("link", { name: /^Notifications/ }).first());
    await press(ben, ben.page.getByRole("link", { name: "Join" }));
    await press(ben, button(ben, "Start listening"));
    await expect(ben).toHear(ama);
  });

  await test.step("He asks for the keys with ?, and asks to speak with R", async () => {
    await ben.page.keyboard.press("?");
    await expect(sheet(ben, "Keys")).toContainText("Ask to speak");
    await close(ben, "Keys");
    await ben.page.keyboard.press("r");
    const ask = sheet(ben, "Ask to speak");
    await write(ben, ask.getByRole("textbox"), "I brought bread");
    await press(ben, ask.getByRole("button", { name: "Ask to speak" }));
    await expect(ama.page.getByRole("region", { name: "Queue" })).toContainText("I brought bread");
  });

  await test.step("He looks at his place, and Escape brings him back to where he was", async () => {
    await press(ben, button(ben, "You are next"));
    await close(ben, "You’re next");
    await expect(button(ben, "You are next")).toBeFocused();
    await ben.page.keyboard.press("r");
    await close(ben, "You’re next");
    await expect(button(ben, "You are next")).toBeFocused();
  });

  await test.step("She brings him up; he says yes, and is heard while he holds Space", async () => {
    await press(ama, button(ama, "Bring up"));
    await press(ben, button(ben, "Go on stage"));
    await expect(button(ben, "Unmute")).toBeVisible();
    await expect(button(ben, "Go on stage")).toBeHidden();
    await ben.page.keyboard.down("Space");
    await expect(ama).toHear(ben);
    await ben.page.keyboard.up("Space");
    await expect(ama).not.toHear(ben);
  });

  await test.step("M opens and shuts his microphone", async () => {
    await ben.page.keyboard.press("m");
    await expect(ama).toHear(ben);
    await ben.page.keyboard.press("m");
    await expect(ama).not.toHear(ben);
  });

  await test.step("She mutes him at the table, and he hears of it", async () => {
    await ben.page.keyboard.press("m");
    await expect(ama).toHear(ben);
    await press(ama, ama.page.getByRole("region", { name: "Stage" }).getByRole("button", { name: /^Ben/ }));
    await press(ama, sheet(ama, "Ben").getByRole("button", { name: "Mute", exact: true }));
    await expect(button(ben, "Unmute")).toBeVisible();
    await expect(ama).not.toHear(ben);
  });

  await test.step("He laughs with E and the arrows, and she sees it", async () => {
    await ben.page.keyboard.press("e");
    await expect(sheet(ben, "React").getByRole("button", { name: "Applause" })).toBeFocused();
    await ben.page.keyboard.press("ArrowRight");
    await ben.page.keyboard.press("Enter");
    await expect(ama.page.locator(".rising .up")).not.toHaveCount(0);
    await close(ben, "React");
  });

  await test.step("They write to each other beside the table", async () => {
    await press(ben, button(ben, "Chat"));
    await say(ben, "Pass the salt");
    await expect(button(ama, "Chat")).toHaveAccessibleDescription("1 new");
    await press(ama, button(ama, "Chat"));
    await expect(chat(ama)).toContainText("Pass the salt");
    await say(ama, "Here it is");
    await expect(chat(ben)).toContainText("Here it is");
    await ben.page.keyboard.press("Escape");
    await expect(chat(ben)).toBeHidden();
    await expect(button(ben, "Chat")).toBeFocused();
    await close(ama, "Chat");
  });

  await test.step("He leaves; she ends it, reads that it is over, and is home", async () => {
    await press(ben, button(ben, "Leave"));
    await press(ama, button(ama, "End space"));
    await press(ama, sheet(ama, "End this space for everyone?").getByRole("button", { name: "End space" }));
    await expect(ama.page.getByRole("heading", { name: "This space has ended" })).toBeVisible();
    await press(ama, ama.page.getByRole("link", { name: "See what is on tonight" }));
    for (const { page } of [ama, ben])
      await expect(page.getByRole("heading", { name: "Tonight" })).toBeVisible();
  });

  expect(used.map((isUsed) => isUsed())).toEqual([false, false]);
});

const chat = ({ page }: Person) => page.getByRole("region", { name: "Chat" });

async function say(person: Person, text: string): Promise<void> {
  await write(person, chat(person).getByLabel("Say something"), text);
  await person.page.keyboard.press("Enter");
}

async function close(person: Person, name: string): Promise<void> {
  await expect(sheet(person, name)).toBeVisible();
  await person.page.keyboard.press("Escape");
  await expect(sheet(person, name)).toBeHidden();
}

async function signUp(person: Person): Promise<void> {
  const { page } = person;
  await page.goto("/");
  await press(person, page.getByRole("link", { name: "Sign in" }).first());
  await press(person, button(person, "I am new here"));
  await write(person, page.getByLabel("Name", { exact: true }), person.name);
  await write(person, page.getByLabel("How others see you"), person.displayName);
  await write(person, page.getByLabel("Password"), "a long table for all");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/");
}
