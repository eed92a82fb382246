/** Signing in by a provider, with one on this machine, and a new password by a letter. */
import { Elsewhere } from "../elsewhere.ts";
import { expect, test } from "../people.ts";
import { PASSWORD } from "../server.ts";

let elsewhere: Elsewhere;

test.beforeEach(async ({ server }) => {
  elsewhere = new Elsewhere();
  await elsewhere.introduce(server);
});

test.afterEach(() => elsewhere.dispose());

test("somebody signs up by a provider, unlinks it and links it again", async ({ person, server }) => {
  const ama = await person("ama");
  const { page } = ama;
  const toProvider = page.getByRole("link", { name: "Continue with Göteborg Library" });

  await page.goto("/sign-in?next=%2Fsettings");
  expect(await ama.barriers()).toEqual([]);
  await toProvider.click();
  await expect(page.getByRole("heading", { name: "Take a seat" })).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("ama_mensah");
  await expect(page.getByLabel("How others see you")).toHaveValue("Ama Mensah");
  await expect(page.getByLabel("Password")).toHaveCount(0);
  expect(await ama.barriers()).toEqual([]);
  await page.getByRole("button", { name: "Sign up" }).click();
  await expect(page).toHaveURL(`${server.url}/settings`);

  const signingIn = page.getByRole("region", { name: "Signing in" });
  const unlink = signingIn.getByRole("button", { name: "Unlink Göteborg Library" });
  await expect(unlink).toBeVisible();
  expect(await ama.barriers()).toEqual([]);
  // The last way in stays.
  await unlink.click();
  await expect(page.getByText("Without it you could not sign in any more.")).toBeVisible();
  await signingIn.getByRole("button", { name: "Set one" }).click();
  await page.getByRole("dialog").getByLabel("New password").fill(PASSWORD);
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(signingIn).toContainText("You sign in with a password.");
  await unlink.click();
  await expect(unlink).toHaveCount(0);
  await signingIn.getByRole("button", { name: "Link your account at Göteborg Library" }).click();
  await expect(page.getByText("From now on you can sign in with it.")).toBeVisible();
  await expect(unlink).toBeVisible();

  // Whoever comes back by it is the same person, and whoever declines there reads so.
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page).toHaveURL(`${server.url}/`);
  await elsewhere.be({});
  await page.goto("/sign-in?next=%2Fsettings");
  await toProvider.click();
  await expect(page.getByRole("heading", { name: "That did not work" })).toBeVisible();
  expect(await ama.barriers()).toEqual([]);
  await elsewhere.be({ sub: "ama-248289", name: "Somebody Else" });
  await page.goto("/sign-in?next=%2Fsettings");
  await toProvider.click();
  await expect(page).toHaveURL(`${server.url}/settings`);
  await expect(page.getByRole("heading", { name: "Ama Mensah" })).toBeVisible();
});

test("somebody who forgot the password sets a new one by a letter", async ({ person, server }) => {
  const ben = await person("ben");
  const { page } = ben;
  await ben.signUp();
  expect(await ben.request("PUT", "/me/email", { address: "ben@example.org" })).toBe(202);
  const [, token] = /confirm-email#(\S+)/.exec(await elsewhere.letter()) ?? [];
  expect(await ben.post("/email-confirmations", { token })).toBe(204);
  expect(await ben.request("DELETE", "/sessions/current")).toBe(204);

  await page.goto("/sign-in");
  await page.getByRole("button", { name: "Forgotten?" }).click();
  await page.getByRole("link", { name: "Send me a letter" }).click();
  await page.getByLabel("Your e-mail address").fill("Ben@example.org");
  expect(await ben.barriers()).toEqual([]);
  await page.getByRole("button", { name: "Send the letter" }).click();
  await expect(page.getByRole("heading", { name: "Look into your mail" })).toBeVisible();

  const [link] = /http:\S+new-password#\S+/.exec(await elsewhere.letter()) ?? [];
  await page.goto(String(link));
  expect(await ben.barriers()).toEqual([]);
  await page.getByLabel("New password").fill("long river stones");
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByRole("heading", { name: "Your password is set" })).toBeVisible();
  expect(await ben.barriers()).toEqual([]);
  await page.goto("/settings");
  await expect(page).toHaveURL(`${server.url}/settings`);
  await expect(page.getByRole("heading", { name: "Ben", exact: true })).toBeVisible();
  expect(await elsewhere.letter()).toContain("Your password was changed");
});
