/** A report and what comes of it, in real browsers: from a listener's tap to a voice that is gone, and back. */
import { expect, type Person, test } from "../people.ts";

const button = ({ page }: Person, name: string | RegExp) => page.getByRole("button", { name, exact: true });
const sheet = ({ page }: Person, name: string) => page.getByRole("dialog", { name, exact: true });

test("a listener reports, a moderator suspends, an appeal is heard", async ({ person, server }) => {
  test.setTimeout(240_000);
  const ama = await person("ama");
  const ben = await person("ben", { voice: 440 });
  const chidi = await person("chidi", { viewport: { width: 390, height: 844 } });
  const mo = await person("mo", { viewport: { width: 1440, height: 900 } });
  for (const somebody of [ama, ben, chidi]) await somebody.signUp();
  await server.makeStaff(mo.name, "moderator");
  await mo.signIn();
  const path = await ama.openSpace("Kitchen table");
  await speakUp(ben, ama, path);
  await chidi.listen(path);
  await expect(chidi).toHear(ben);

  await mo.page.goto("/moderation");
  await expect(mo.page.getByRole("heading", { name: "All is well" })).toBeVisible();

  await test.step("Chidi reports Ben, from Ben's own face", async () => {
    await chidi.page.getByRole("region", { name: "Stage" }).getByRole("button", { name: /^Ben/ }).click();
    await button(chidi, "Report").click();
    const report = sheet(chidi, "Report Ben");
    await report.getByRole("radio", { name: /Harassment or hate/ }).check();
    await report.getByLabel("What happened? (optional)").fill("He goes on and on.");
    expect(await chidi.barriers()).toEqual([]);
    await report.getByRole("button", { name: "Send the report" }).click();
    await expect(report.getByRole("status")).toContainText("Ben is not told who reported.");
    await report.getByRole("button", { name: "Done" }).click();
    await expect(sheet(chidi, "Ben")).toBeHidden();
    await expect(chidi).toHear(ben);
  });

  await test.step("Mo sees it come in, with what Chidi saw", async () => {
    await expect(mo.page.getByRole("link", { name: /^Reports\s*1$/ })).toBeVisible();
    const shown = mo.page.getByRole("region", { name: "Case: Ben" });
    await expect(shown).toContainText("He goes on and on.");
    await expect(shown).toContainText("into Kitchen table");
    expect(await mo.barriers()).toEqual([]);
  });

  await test.step("and a second report, in the case that lies open before Mo", async () => {
    const space = path.split("/").at(-1) ?? "";
    const words = "He talks over her.";
    expect(await ama.post("/reports", { space, user: "@ben", reason: "harassment", words })).toBe(201);
    await expect(mo.page.getByRole("region", { name: "Case: Ben" })).toContainText(words);
    await expect(mo.page.getByRole("region", { name: "Open cases" })).toContainText("2 reports");
  });

  await test.step("and suspends Ben, who is heard no more and reads why", async () => {
    await mo.page.getByRole("region", { name: "Case: Ben" }).getByRole("button", { name: "Suspend" }).click();
    const act = sheet(mo, "Suspend Ben");
    await act.getByRole("radio", { name: "1 day" }).check();
    await act.getByLabel("Why, as they will read it").fill("You did not stop when asked.");
    expect(await mo.barriers()).toEqual([]);
    await act.getByRole("button", { name: "Suspend" }).click();
    await expect(mo.page.getByRole("heading", { name: "All is well" })).toBeVisible();
    await expect(mo.page.getByRole("region", { name: "Open cases" })).toBeFocused();

    await expect(chidi).not.toHear(ben);
    await expect(
      chidi.page.getByRole("region", { name: "Stage" }).getByRole("button", { name: /^Ben/ }),
    ).toBeHidden();
    await expect(ben.page.getByRole("heading", { name: "Your account is suspended" })).toBeVisible();
    expect(await ben.barriers()).toEqual([]);
    await ben.page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
    await ben.fillSignIn();
    await expect(ben.page.getByRole("heading", { name: "Your account is suspended" })).toBeVisible();
    await expect(ben.page.getByText("You did not stop when asked.")).toBeVisible();
    expect(await ben.barriers()).toEqual([]);
  });

  await test.step("Ben appeals, once", async () => {
    await ben.page.getByLabel("What they should know").fill("I did not hear her.");
    await button(ben, "Send the appeal").click();
    await expect(ben.page.getByText("Your appeal is with the moderators.")).toBeVisible();
    expect(await ben.barriers()).toEqual([]);
  });

  await test.step("Mo reads it, and lets Ben back in", async () => {
    await mo.page.getByRole("link", { name: "Suspended" }).click();
    await expect(mo.page.getByRole("article", { name: "Ben" })).toContainText("I did not hear her.");
    expect(await mo.barriers()).toEqual([]);
    await button(mo, "Lift the suspension of Ben").click();
    await sheet(mo, "Let Ben back in?").getByRole("button", { name: "Lift the suspension" }).click();
    await expect(mo.page.getByRole("heading", { name: "Nobody is suspended" })).toBeVisible();
    await ben.page.goto(path);
    await ben.signIn();
    await ben.listen(path);
    await expect(button(ben, "Ask to speak")).toBeVisible();
  });

  await test.step("Ama reads what was done in her space", async () => {
    await button(ama, "More about this space").click();
    await ama.page.getByRole("menuitem", { name: "What was done here" }).click();
    await expect(
      sheet(ama, "What was done here").getByRole("region", { name: "What was done" }),
    ).toBeVisible();
    expect(await ama.barriers()).toEqual([]);
  });
});

/** Be let up by the host, and heard. */
async function speakUp(speaker: Person, host: Person, path: string): Promise<void> {
  await speaker.listen(path);
  await button(speaker, "Ask to speak").click();
  await speaker.page.getByRole("dialog").getByRole("button", { name: "Ask to speak" }).click();
  await button(host, "Bring up").click();
  await button(speaker, "Go on stage").click();
  await speaker.unmute();
}
