/** Two people write to each other in real browsers: a request, an answer, a network that goes away, an invitation. */
import { expect, type Person, test } from "../people.ts";

const button = ({ page }: Person, name: string | RegExp) => page.getByRole("button", { name, exact: true });
const sheet = ({ page }: Person, name: string) => page.getByRole("dialog", { name, exact: true });
const field = ({ page }: Person, name: string) => page.getByRole("textbox", { name: `Message ${name}` });
const lines = ({ page }: Person) => page.getByRole("log", { name: "Messages" });
/** The way to one's messages, with how many are new. */
const way = ({ page }: Person, news: RegExp) =>
  page.getByRole("navigation", { name: "Ways" }).getByRole("link", { name: news });

test("strangers ask, friends write, and an invitation opens the door", async ({ person }) => {
  test.setTimeout(240_000);
  const ama = await person("ama", { viewport: { width: 1440, height: 900 } });
  const ben = await person("ben", { viewport: { width: 390, height: 844 }, colorScheme: "light" });
  for (const somebody of [ama, ben]) await somebody.signUp();

  await test.step("Ama writes to Ben, who does not follow her: it waits apart", async () => {
    await ama.page.goto("/messages");
    await expect(ama.page.getByText("Nothing is written yet")).toBeVisible();
    expect(await ama.barriers()).toEqual([]);
    await button(ama, "Write to somebody").first().click();
    const writing = sheet(ama, "Write to somebody");
    await writing.getByLabel("To").fill("@ben");
    await writing.getByLabel("Message").fill("Is this the bread table?");
    expect(await ama.barriers()).toEqual([]);
    await writing.getByRole("button", { name: "Send" }).click();
    await expect(lines(ama)).toContainText("Is this the bread table?");

    await ben.page.goto("/messages");
    await expect(way(ben, /^Messages$/)).toBeVisible();
    await button(ben, "Requests 1").click();
    expect(await ben.barriers()).toEqual([]);
    await ben.page.getByRole("link", { name: /Ama/ }).click();
    await expect(lines(ben)).toContainText("Is this the bread table?");
    await expect(field(ben, "Ama")).toBeHidden();
    expect(await ben.barriers()).toEqual([]);
  });

  await test.step("he accepts and answers by the keyboard, and she reads it as it comes", async () => {
    await expect(ama.page.getByText("Read", { exact: true })).toBeHidden();
    await button(ben, "Accept").press("Enter");
    await field(ben, "Ama").fill("It is.");
    await field(ben, "Ama").press("Enter");
    await expect(lines(ama)).toContainText("It is.");
    await expect(ama.page.getByRole("status").filter({ hasText: "Ben: It is." })).toBeAttached();
    expect(await ama.barriers()).toEqual([]);
  });

  await test.step("what he does not look at is counted, and read once he does", async () => {
    await ben.page.goto("/");
    await field(ama, "Ben").fill("Good.");
    await field(ama, "Ben").press("Enter");
    await expect(way(ben, /^1?\s*Messages\s*1?$/)).toContainText("1");
    await way(ben, /Messages/).click();
    await ben.page.getByRole("link", { name: /Ama/ }).click();
    await expect(lines(ben)).toContainText("Good.");
    await expect(ama.page.getByText("Read", { exact: true })).toBeVisible();
    await expect(way(ben, /Messages/)).not.toContainText("1");
  });

  await test.step("without a network nothing is lost, and nothing is sent twice", async () => {
    await ben.page.context().setOffline(true);
    await field(ben, "Ama").fill("Can you hear me?");
    await field(ben, "Ama").press("Enter");
    await expect(ben.page.getByRole("alert").filter({ hasText: "Not sent." })).toBeVisible();
    expect(await ben.barriers()).toEqual([]);
    await ben.page.context().setOffline(false);
    await expect(button(ben, "Try again")).toBeHidden();
    await expect(lines(ama).getByText("Can you hear me?")).toHaveCount(1);
    await expect(lines(ben).getByText("Can you hear me?")).toHaveCount(1);
  });

  await test.step("taken away, it is gone for both", async () => {
    await lines(ama).getByText("Good.").hover();
    await button(ama, "About this message").last().click();
    await ama.page.getByRole("menuitem", { name: "Take away for everybody" }).click();
    await expect(lines(ben)).toContainText("Ama took a message away");
    await expect(lines(ben)).not.toContainText("Good.");
  });

  await test.step("an invitation is a living card with a way in", async () => {
    const path = await ama.openSpace("Kitchen table");
    expect(await ama.request("PUT", `/${path.slice(1)}/invitations/@ben`, { role: "speaker" })).toBe(204);
    const card = ben.page.getByRole("group", { name: "Kitchen table" });
    await expect(card).toContainText("Ama invites you to the stage");
    await expect(card).toContainText("0 listening");
    expect(await ben.barriers()).toEqual([]);
    expect(await ama.request("PATCH", `/${path.slice(1)}`, { title: "Long table" })).toBe(200);
    await expect(ben.page.getByRole("group", { name: "Long table" })).toBeVisible();
    await ben.page.getByRole("link", { name: "Join" }).click();
    await ben.page.waitForURL(`**${path}`);
    await ben.page.goBack();
    await button(ben, "Not now").click();
    await expect(lines(ben)).toContainText("Ama invites you to the stage: Long table · answered");
  });

  await test.step("Ama shows him the space from inside it", async () => {
    await button(ama, "Share").first().click();
    await button(ama, "Share in a message").click();
    const sharing = sheet(ama, "Share in a message");
    await sharing.getByRole("button", { name: "Ben" }).click();
    await sharing.getByLabel("Words with it").fill("Come and listen");
    await sharing.getByRole("button", { name: "Share" }).click();
    await expect(sharing).toBeHidden();
    await expect(lines(ben)).toContainText("Come and listen");
    await expect(ben.page.getByRole("group", { name: "Long table" })).toContainText("Ama shares a space");
  });

  await test.step("a name that nobody has is told, and what was written stays", async () => {
    await ama.page.goto("/messages");
    await button(ama, "Write to somebody").first().click();
    const writing = sheet(ama, "Write to somebody");
    await writing.getByLabel("To").fill("@ben @nobody");
    await writing.getByLabel("Message").fill("Hello all");
    await writing.getByRole("button", { name: "Send" }).click();
    await expect(writing.getByRole("alert")).toContainText("Nobody here has this name.");
    await expect(writing.getByLabel("Message")).toHaveValue("Hello all");
    await writing.getByRole("button", { name: "Close" }).click();
  });

  await test.step("blocked, she finds nobody there any more", async () => {
    await button(ben, "About this conversation").click();
    await ben.page.getByRole("menuitem", { name: "Block Ama" }).click();
    await sheet(ben, "Block Ama?").getByRole("button", { name: "Block" }).click();
    await expect(ben.page.getByText("Nothing is written yet")).toBeVisible();
    await ama.page.goto("/messages/@ben");
    await expect(ama.page.getByText("There is nobody here")).toBeVisible();
    expect(await ama.barriers()).toEqual([]);
  });
});
