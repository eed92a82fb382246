/** Who gets in: by the waiting list, by an invitation, and not before one is old enough. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type Person, test } from "../people.ts";
import { PASSWORD, type Server } from "../server.ts";

/** Let the server ask for more from whoever signs up. */
async function set(server: Server, words: string): Promise<void> {
  await server.stop();
  writeFileSync(join(server.data, "config.toml"), words);
  await server.start();
}

async function fillSignUp({ page, name }: Person): Promise<void> {
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
}

test("who waits is let in by an administrator in another browser", async ({ person, server }) => {
  test.setTimeout(180_000);
  await set(server, 'sign_up = "waiting"\n');
  await server.makeStaff("boss", "admin");
  const boss = await person("boss", { viewport: { width: 1440, height: 900 } });
  const ama = await person("ama", { viewport: { width: 390, height: 844 } });
  await boss.signIn();

  await ama.page.goto("/sign-in");
  await ama.page.getByRole("button", { name: "I am new here" }).click();
  await fillSignUp(ama);
  await ama.page.getByLabel("A word to those who let you in (optional)").fill("I bake bread.");
  expect(await ama.barriers()).toEqual([]);
  await ama.page.getByRole("button", { name: "Ask for a seat" }).click();
  await expect(ama.page.getByRole("heading", { name: "You are on the list" })).toBeVisible();
  await expect(ama.page.getByText("I bake bread.")).toBeVisible();
  expect(await ama.barriers()).toEqual([]);
  expect(await ama.request("GET", "/me")).toBe(401);

  await boss.page.goto("/admin/people");
  await boss.page.getByRole("button", { name: "Waiting" }).click();
  await expect(boss.page.getByRole("article", { name: "ama" })).toContainText("I bake bread.");
  expect(await boss.barriers()).toEqual([]);
  await boss.page.getByRole("button", { name: "Let in: ama" }).click();
  await expect(boss.page.getByRole("heading", { name: "Nobody waits" })).toBeVisible();

  await ama.page.goto("/notifications");
  await expect(ama.page.getByText("you are let in, and your account is ready")).toBeVisible();
});

test("an invitation by link lets somebody in, and one sees who came", async ({ person, server }) => {
  test.setTimeout(180_000);
  await set(server, 'sign_up = "invitation"\n');
  await server.makeStaff("boss", "admin");
  const boss = await person("boss", { viewport: { width: 1440, height: 900 } });
  const ben = await person("ben");
  await boss.signIn();

  await boss.page.goto("/admin/invitations");
  await boss.page.getByLabel("What it is for (optional)").fill("The choir");
  await boss.page.getByRole("button", { name: "Make an invitation" }).click();
  const link = await boss.page.getByLabel("Invitation link").inputValue();
  await expect(boss.page.getByRole("article", { name: "The choir" })).toContainText("0 of 1 came");

  await ben.page.goto(link.replace("#invitation=", "?invitation="));
  await expect(ben.page.getByRole("heading", { name: "Take a seat" })).toBeVisible();
  await fillSignUp(ben);
  await ben.page.getByRole("button", { name: "Sign up" }).click();
  await expect(ben.page).toHaveURL(`${server.url}/`);
  expect(await ben.request("GET", "/timeline")).toBe(200);

  await boss.page.reload();
  await boss.page.getByRole("button", { name: "Who came" }).click();
  await expect(boss.page.getByRole("article", { name: "The choir" })).toContainText("ben");

  await boss.page.goto("/admin/people");
  await boss.page.getByLabel("Find somebody by name").fill("ben");
  await boss.page.getByRole("link", { name: /ben/ }).click();
  await expect(boss.page.getByText("Invited by boss.")).toBeVisible();
  await boss.page.getByRole("button", { name: "Make a link to sign in" }).click();
  const back = await boss.page.getByLabel("Link to sign in").inputValue();
  expect(await boss.barriers()).toEqual([]);
  const lost = await person("lost");
  await lost.page.goto(back);
  await lost.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(lost.page).toHaveURL(`${server.url}/settings`);
});

test("who is too young is told so, and cannot try again at once", async ({ person, server }) => {
  test.setTimeout(120_000);
  await set(server, "minimum_age = 16\n");
  const ama = await person("ama", { viewport: { width: 390, height: 844 } });
  await ama.page.goto("/sign-in");
  await ama.page.getByRole("button", { name: "I am new here" }).click();
  await fillSignUp(ama);
  await ama.page.getByLabel("Date of birth").fill(`${new Date().getUTCFullYear() - 12}-06-01`);
  await ama.page.getByRole("button", { name: "Sign up" }).click();
  await expect(ama.page.getByRole("heading", { name: "Not yet" })).toBeVisible();
  expect(await ama.barriers()).toEqual([]);

  await ama.page.reload();
  await ama.page.getByRole("button", { name: "I am new here" }).click();
  await expect(ama.page.getByRole("heading", { name: "Not yet" })).toBeVisible();
});
