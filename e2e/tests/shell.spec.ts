/** The shell around the screens: a server out of reach, another build of the page, and what other apps share. */
import { expect, type Person, test } from "../people.ts";

/** The worker keeps its page once the app has nothing else to do. */
const keptPage = ({ page }: Person) =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    return (await caches.match("/offline"))?.text();
  });

test("whoever goes somewhere while the server is away reads so, and is there once it is back", async ({
  person,
  server,
}) => {
  const ama = await person("ama", { viewport: { width: 390, height: 844 }, colorScheme: "dark" });
  await ama.signUp();
  await expect.poll(() => keptPage(ama), { timeout: 20_000 }).toContain('"offline":true');
  expect((await keptPage(ama))?.toLowerCase()).not.toContain("ama");

  await server.stop();
  await ama.page.goto("/people/ama");
  await expect(ama.page.getByRole("heading", { name: "No answer" })).toBeVisible();
  expect(await ama.barriers()).toEqual([]);
  await ama.page.context().setOffline(true);
  await expect(ama.page.getByRole("heading", { name: "You are offline" })).toBeVisible();
  await ama.page.context().setOffline(false);

  await server.start();
  await expect(ama.page.getByRole("heading", { name: "Ama", exact: true })).toBeVisible({ timeout: 40_000 });
  expect(new URL(ama.page.url()).pathname).toBe("/people/ama");
});

test("what another app shares is a post that is begun, also for whoever has to sign in first", async ({
  person,
}) => {
  const ama = await person("ama");
  await ama.signUp();
  await ama.request("DELETE", "/sessions/current");
  await ama.page.goto("/share?title=Bread&url=https%3A%2F%2Fexample.org%2Fbread");
  await ama.fillSignIn();

  const sheet = ama.page.getByRole("dialog", { name: "Write a post" });
  await expect(sheet.getByRole("textbox")).toHaveValue("Bread\nhttps://example.org/bread");
  await sheet.getByRole("button", { name: "Post", exact: true }).click();
  await expect(ama.page.getByText("It is posted.")).toBeVisible();
  expect(new URL(ama.page.url()).pathname).toBe("/");
});

test("a page that stays open offers a new build, and a server that knows it no more says so", async ({
  person,
}) => {
  const ama = await person("ama");
  await ama.signUp();
  await ama.page.route("**/api/v1/spaces?*", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, headers: { ...answer.headers(), "convivium-build": "another" } });
  });
  const reload = ama.page.getByRole("button", { name: "Reload" });
  await expect(reload).toBeVisible({ timeout: 20_000 });
  await ama.page.unrouteAll({ behavior: "wait" });
  const loaded = ama.page.waitForEvent("load");
  await reload.click();
  await loaded;
  await expect(ama.page.getByRole("heading", { name: "Tonight" })).toBeVisible();

  await ama.page.route("**/api/v1/spaces?*", (route) =>
    route.continue({ headers: { ...route.request().headers(), "convivium-protocol": "0" } }),
  );
  await expect(ama.page.getByRole("heading", { name: "This page is too old" })).toBeVisible({
    timeout: 20_000,
  });
  expect(await ama.barriers()).toEqual([]);
});
