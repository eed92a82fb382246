/** Several tabs of one browser. */
import type { Page } from "@playwright/test";
import { expect, test } from "../people.ts";

test("two tabs before one door share one event stream, and a sign-out reaches both", async ({ person }) => {
  const [ama, ben] = [await person("ama"), await person("ben")];
  await ama.signUp();
  await ben.signUp();
  const path = await ama.openSpace("Kitchen table");
  const streams = openStreams(ben.page);
  const [first, second] = [ben.page, await ben.page.context().newPage()];

  await first.goto(path);
  await expect.poll(() => streams.size).toBe(1);
  await second.goto(path);
  await expect(second.getByText("0 listening now")).toBeVisible();
  const chidi = await person("chidi");
  await chidi.listen(path);
  for (const tab of [first, second]) await expect(tab.getByText("1 listening now")).toBeVisible();
  expect(streams.size).toBe(1);

  // The tab that holds the stream goes away; the other one goes on with it, as the only one.
  await first.goto("/settings");
  await expect.poll(() => streams.size).toBe(1);
  await chidi.page.getByRole("button", { name: "Leave" }).click();
  await expect(second.getByText("0 listening now")).toBeVisible();

  await first.getByRole("button", { name: "Sign out" }).click();
  await expect(second.getByRole("heading", { name: "You are signed out" })).toBeVisible();
  await expect(second.getByRole("link", { name: "Sign in" })).toBeVisible();
});

/** The event streams that the browser of `page` has open, each as the page that reads it. */
function openStreams(page: Page): Set<object> {
  const open = new Set<object>();
  const context = page.context();
  context.on("request", (request) => {
    if (request.url().endsWith("/events")) open.add(request);
  });
  context.on("requestfinished", (request) => open.delete(request));
  context.on("requestfailed", (request) => open.delete(request));
  return open;
}
