/** How people find one another, and how they are reached outside the app. */
import { expect, test } from "../people.ts";
import { Postbox } from "../postbox.ts";

test("somebody who is looked for is found by the beginning of a name, and followed from there", async ({
  person,
}) => {
  const ama = await person("ama");
  const ben = await person("ben", { viewport: { width: 390, height: 844 }, colorScheme: "dark" });
  for (const somebody of [ama, ben]) await somebody.signUp();
  await ben.page.getByRole("link", { name: "Explore" }).click();
  const field = ben.page.getByRole("combobox", { name: /^Search/ });
  await field.fill("am");
  await field.press("Enter");

  await ben.page.getByRole("button", { name: "Follow Ama" }).click();
  await expect(ben.page.getByRole("button", { name: "Following Ama" })).toBeVisible();
  expect(await ben.barriers()).toEqual([]);
  await ben.page.getByRole("link", { name: /Ama/ }).first().click();
  await expect(ben.page).toHaveURL("/people/ama");
  await expect(ben.page.getByRole("button", { name: "Following Ama" })).toBeVisible();
});

test("an address is one's own once one has followed the link of a letter", async ({ person, server }) => {
  const box = new Postbox();
  await server.stop();
  server.settings = { ...server.settings, ...(await box.open(server.url)) };
  await server.start();
  const ama = await person("ama");
  await ama.signUp();
  await ama.page.goto("/settings/notifications");
  await ama.page.getByLabel("Your address").fill("ama@example.org");
  await ama.page.getByRole("button", { name: "Send the letter" }).click();
  await expect(ama.page.getByText(/A letter went to ama@example.org/)).toBeVisible();

  const link = /http:\/\/\S+\/confirm-email#[\w-]+/;
  await expect.poll(() => box.letters.some((letter) => link.test(letter)), { timeout: 20_000 }).toBe(true);
  const [address = ""] = link.exec(box.letters.join("\n")) ?? [];
  await ama.page.goto(address);
  await ama.page.getByRole("button", { name: "Yes, it is mine" }).click();
  await expect(ama.page.getByRole("heading", { name: "It is yours" })).toBeVisible();
  expect(await ama.barriers()).toEqual([]);
  await ama.page.getByRole("link", { name: "How you are told" }).click();
  await expect(ama.page.getByText("ama@example.org")).toBeVisible();
  box.close();
});
