import { expect, test } from "../people.ts";

test("a guest hears the host, and the host does not hear herself", async ({ person }) => {
  const ama = await person("ama", { voice: 330 });
  const ben = await person("ben");
  await ama.signUp();
  const path = await ama.openSpace("Kitchen table");

  await ben.listen(path);
  await ama.unmute();

  await expect(ben).toHear(ama);
  expect(await ben.sourcesHeard()).toHaveLength(1);
  await expect(ama).not.toHear(ama);
  expect(await ama.microphoneAsked()).toBe(1);
  expect(await ben.microphoneAsked()).toBe(0);
});
