import { AUDIBLE_DB, loudest } from "../ear.ts";
import { expect, test } from "../people.ts";

/** Where voices have most of their strength, in Hz. */
const SPEECH = [120, 150, 180, 210, 240, 300, 400, 500, 600];

test("a newcomer finds voices talking in turns, and hears them after one tap", async ({ person, server }) => {
  await server.stop();
  await server.fillDemo();
  await server.start();
  const ben = await person("ben");

  await ben.page.goto("/");
  await ben.page
    .getByRole("link", { name: /Welcome to the table/ })
    .first()
    .click();
  await ben.page.getByRole("button", { name: "Start listening" }).click();

  await expect
    .poll(async () => Math.max(...(await loudest(ben.page, SPEECH, 1_000))), { timeout: 20_000 })
    .toBeGreaterThan(AUDIBLE_DB);
  const speakers = new Set<number>();
  await expect
    .poll(
      async () => {
        for (const source of await ben.sourcesHeard()) speakers.add(source);
        return speakers.size;
      },
      { timeout: 40_000 },
    )
    .toBeGreaterThanOrEqual(3);
});
