/** Whoever runs the instance walks through its pages; nobody else comes in. */
import { expect, type Person, test } from "../people.ts";

/** Every page of the list, in both widths, without a barrier and without an edge that scrolls. */
async function walk(boss: Person): Promise<void> {
  const list = boss.page.getByRole("navigation", { name: "Pages of administrators" });
  await boss.page.goto("/admin");
  const names = await list.getByRole("link").allTextContents();
  for (const name of names) {
    await boss.page.setViewportSize({ width: 390, height: 844 });
    await boss.page.goto("/admin");
    await list.getByRole("link", { name, exact: true }).click();
    await expect(boss.page.getByRole("status", { name: "Loading" })).toHaveCount(0);
    await expect(boss.page.getByRole("heading", { level: 1 })).toBeVisible();
    for (const width of [390, 1440]) {
      await boss.page.setViewportSize({ width, height: 900 });
      expect(await boss.barriers(), `${name} at ${width}`).toEqual([]);
      const wide = await boss.page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide, `${name} at ${width}`).toBeLessThanOrEqual(width);
    }
    await expect(list.getByRole("link", { name, exact: true })).toHaveAttribute("aria-current", "page");
  }
}

test("an administrator walks through all pages", async ({ person, server }) => {
  test.setTimeout(240_000);
  const ama = await person("ama");
  await ama.signUp();
  await server.makeStaff("boss", "admin");
  const boss = await person("boss", { viewport: { width: 1440, height: 900 } });
  await boss.signIn();

  await test.step("and finds them at the side", async () => {
    await boss.page.getByRole("link", { name: "Administration" }).click();
    await expect(boss.page.getByRole("heading", { name: "No space is live" })).toBeVisible();
  });

  await test.step("sees a space come, and ends it", async () => {
    const path = await ama.openSpace("Kitchen table");
    await boss.page.reload();
    await expect(boss.page.getByRole("heading", { name: "1 space live" })).toBeVisible();
    await boss.page.getByRole("button", { name: "More about “Kitchen table”" }).click();
    await boss.page.getByRole("menuitem", { name: "End space" }).click();
    const sheet = boss.page.getByRole("dialog");
    await sheet.getByRole("textbox").fill("It is late.");
    await sheet.getByRole("button", { name: "End space" }).click();
    await expect(boss.page.getByRole("heading", { name: "No space is live" })).toBeVisible();
    await expect(boss.page.getByRole("region", { name: "Audit log" })).toContainText("ended the space");
    expect(await ama.request("GET", path)).toBe(200);
  });

  await test.step("gives the instance another name, and colours that can be read", async () => {
    await boss.page.goto("/admin/branding");
    await boss.page.getByLabel("Name", { exact: true }).fill("Longtable");
    const lamp = boss.page.getByRole("group", { name: "Hosts" });
    await lamp.getByLabel("Light").fill("#6fd3c4");
    await expect(lamp.getByRole("status")).toContainText("In the light theme this cannot be read");
    await expect(boss.page.getByRole("button", { name: "Save" })).toBeDisabled();
    await lamp.getByRole("button", { name: "Take the nearest that can" }).click();
    await expect(lamp.getByRole("status")).toHaveCount(0);
    await boss.page.getByRole("button", { name: "Save" }).click();
    await expect(boss.page.getByText("Saved.")).toBeVisible();
    await ama.page.goto("/");
    await expect(ama.page.getByRole("navigation", { name: "Ways" })).toContainText("Longtable");
    const host = await ama.page.evaluate(() =>
      getComputedStyle(document.documentElement).getPropertyValue("--host"),
    );
    expect(host).not.toContain("#00615b");
    expect(await ama.barriers()).toEqual([]);
  });

  await walk(boss);
});

test("nobody else comes in", async ({ person, server }) => {
  const ama = await person("ama");
  await ama.signUp();
  await server.makeStaff("mo", "moderator");
  const mo = await person("mo");
  await mo.signIn();

  for (const somebody of [ama, mo]) {
    await somebody.page.goto("/admin/jobs");
    await expect(somebody.page.getByRole("heading", { name: "For administrators only" })).toBeVisible();
    expect(await somebody.barriers()).toEqual([]);
    expect(await somebody.request("GET", "/admin/overview")).toBe(403);
    await somebody.page.goto("/moderation");
    await expect(somebody.page.getByRole("link", { name: "Administration" })).toHaveCount(0);
  }
});
