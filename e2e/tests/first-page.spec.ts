import { expect, test } from "../people.ts";

test("a person who opens the address sees the page without barriers", async ({ person }) => {
  const ama = await person("ama");

  await ama.page.goto("/");

  await expect(ama.page).toHaveTitle(/Convivium/);
  await expect(ama.page.getByRole("main")).toBeVisible();
  expect(await ama.barriers()).toEqual([]);
});
