/** A space for later, in real browsers: schedule, be told, start, and come by an invitation link. */
import { expect, type Person, test } from "../people.ts";

const button = ({ page }: Person, name: string | RegExp) => page.getByRole("button", { name, exact: true });

test("a space for later: scheduled, counted down to, started; who asked is told", async ({ person }) => {
  test.setTimeout(180_000);
  const ama = await person("ama", { voice: 440, viewport: { width: 390, height: 844 } });
  const ben = await person("ben");
  const chidi = await person("chidi");
  for (const somebody of [ama, ben, chidi]) await somebody.signUp();

  await test.step("Ama schedules it for tomorrow evening", async () => {
    await button(ama, "Open a space").click();
    await ama.page.getByRole("link", { name: "Schedule it for later" }).click();
    await ama.page.getByLabel("Title").fill("Bread, and what it holds up");
    await ama.page.getByRole("radio").nth(1).press(" ");
    expect(await ama.barriers()).toEqual([]);
    await ama.page.getByRole("button", { name: /^Schedule for / }).click();
    await ama.page.waitForURL("**/spaces/*");
  });
  const path = new URL(ama.page.url()).pathname;

  await test.step("Ben finds it under what starts soon, and asks to be told", async () => {
    await ben.page.goto("/");
    await ben.page.getByRole("link", { name: "Bread, and what it holds up" }).click();
    await expect(ben.page.getByRole("timer")).toContainText("hour");
    expect(await ben.barriers()).toEqual([]);
    await button(ben, "Remind me").click();
    await expect(button(ben, "Remind me")).toHaveAttribute("aria-pressed", "true");
    await expect(ama.page.getByText("1 person wants to be told")).toBeVisible();
    const calendar = await ben.page.request.get(`/api/v1${path}/calendar.ics`);
    expect(await calendar.text()).toContain("SUMMARY:Bread\\, and what it holds up");
  });

  await test.step("Ama moves it, and Ben is told where he looks", async () => {
    await ben.page.goto("/");
    await button(ama, "Move it").click();
    const sheet = ama.page.getByRole("dialog");
    await sheet.getByRole("radio").nth(2).press(" ");
    await sheet.getByRole("button", { name: /^Move to / }).click();
    await expect(ben.page.getByText(/Bread, and what it holds up moved to/)).toBeVisible();
  });

  await test.step("Ama starts it early; Ben is told, and hears her two taps later", async () => {
    await button(ama, "Start now").click();
    await ama.unmute();
    await expect(ben.page.getByText("Bread, and what it holds up has started")).toBeVisible();
    await ben.page
      .getByRole("link", { name: /Notifications/ })
      .first()
      .click();
    await expect(ben.page.getByRole("heading", { name: "Notifications" })).toBeVisible();
    expect(await ben.barriers()).toEqual([]);
    await ben.page.getByRole("link", { name: "Listen: Bread, and what it holds up" }).click();
    await button(ben, "Start listening").click();
    await expect(ben).toHear(ama);
  });

  await test.step("Chidi comes by a link to speak, and has a seat to take", async () => {
    const space = path.split("/").at(-1) ?? "";
    const link = await ama.page.evaluate(async (id) => {
      const made = await fetch(`/api/v1/spaces/${id}/invitation-links`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ role: "speaker" }),
      });
      return (await made.json()) as { token: string };
    }, space);
    await chidi.page.goto(`${path}#invitation=${link.token}`);
    await button(chidi, "Start listening").click();
    expect(new URL(chidi.page.url()).hash).toBe("");
    await chidi.page
      .getByRole("button", { name: /Take a seat|Come up|Join|Sit down|Go up/ })
      .first()
      .click();
    await expect(chidi.page.getByRole("button", { name: "Unmute", exact: true })).toBeVisible();
  });

  await test.step("Ama gives the space to Chidi, and its end is kind", async () => {
    const space = path.split("/").at(-1) ?? "";
    expect(await ama.request("PUT", `/spaces/${space}/host/@chidi`)).toBe(204);
    await expect(button(chidi, "End space")).toBeVisible();
    expect(await chidi.request("POST", `/spaces/${space}/end`)).toBe(200);
    await expect(ben.page.getByRole("region", { name: "On the stage" })).toContainText("Chidi");
    await button(ben, "Follow Ama").click();
    await expect(button(ben, "Follow Ama")).toHaveAttribute("aria-pressed", "true");
    expect(await ben.barriers()).toEqual([]);
  });
});
