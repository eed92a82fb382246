/** Several tabs of one browser. */
import type { Page } from "@playwright/test";
import { expect, test } from "../people.ts";

test("two tabs before one door share one stream of it and one of their own; a sign-out reaches both", async ({
  person,
}) => {
  const [ama, ben] = [await person("ama"), await person("ben")];
  await ama.signUp();
  await ben.signUp();
  const path = await ama.openSpace("Kitchen table");
  const streams = openStreams(ben.page, `/api/v1${path}/events`);
  const own = openStreams(ben.page, "/api/v1/me/events");
  const [first, second] = [ben.page, await ben.page.context().newPage()];

  await first.goto(path);
  await expect.poll(() => streams.size).toBe(1);
  await second.goto(path);
  await expect(second.getByText("0 listening now")).toBeVisible();
  const chidi = await person("chidi");
  await chidi.listen(path);
  for (const tab of [first, second]) await expect(tab.getByText("1 listening now")).toBeVisible();
  expect([streams.size, own.size]).toEqual([1, 1]);

  // The tab that holds the stream goes away; the other one goes on with it, as the only one.
  await first.goto("/settings");
  await expect.poll(() => streams.size).toBe(1);
  await chidi.page.getByRole("button", { name: "Leave" }).click();
  await expect(second.getByText("0 listening now")).toBeVisible();

  await first.getByRole("button", { name: "Sign out" }).click();
  await expect(second.getByRole("heading", { name: "You are signed out" })).toBeVisible();
  await expect(second.getByRole("link", { name: "Sign in" })).toBeVisible();
});

/** The event streams at `path` that the browser of `page` has open. */
function openStreams(page: Page, path: string): Set<object> {
  const open = new Set<object>();
  const context = page.context();
  context.on("request", (request) => {
    if (request.url().endsWith(path)) open.add(request);
  });
  context.on("requestfinished", (request) => open.delete(request));
  context.on("requestfailed", (request) => open.delete(request));
  return open;
}
