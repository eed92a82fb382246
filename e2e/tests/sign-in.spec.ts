/** Who one is may change in the middle of a call. */
import { AUDIBLE_DB } from "../ear.ts";
import { expect, type Person, test } from "../people.ts";

test("a guest who signs up hears on, is nobody else any more, and may ask to speak", async ({
  person,
  server,
}) => {
  test.setTimeout(120_000);
  const ama = await person("ama", { voice: 440 });
  const ben = await person("ben");
  await ama.signUp();
  const path = await ama.openSpace("Kitchen table");
  await ama.unmute();
  await ben.listen(path);
  await expect(ben).toHear(ama);
  const guest = await cookiesOf(ben);
  expect(await meAs(server.url, guest)).toBe(200);

  await ben.page.getByRole("link", { name: "Sign in to speak" }).click();
  await ben.page.getByRole("button", { name: "I am new here" }).click();
  await ben.page.getByLabel("Name", { exact: true }).fill("ben");
  await ben.page.getByLabel("Password").fill("a long table for all");
  const silences = silentSeconds(ben, ama, 4);
  await ben.page.getByRole("button", { name: "Sign up" }).click();
  await expect(ben.page).toHaveURL(path);

  await ben.page.getByRole("button", { name: "Ask to speak" }).click();
  await ben.page.getByRole("dialog").getByRole("button", { name: "Ask to speak" }).click();
  await expect(ama.page.getByRole("region", { name: "Queue" })).toContainText("ben");
  expect(await silences).toEqual([]);
  await expect(ben).toHear(ama);
  await expect(ben.page.getByRole("alert")).toHaveCount(0);
  expect(await meAs(server.url, guest)).toBe(401);
  expect(await ben.callsMade()).toBe(2);
  // The guest's call has gone with the guest.
  await expect.poll(() => listeners(ama, path)).toBe(1);
});

test("a guest who signs in in another tab may ask to speak in the tab that listens", async ({ person }) => {
  const ama = await person("ama", { voice: 440 });
  const ben = await person("ben");
  await ama.signUp();
  const path = await ama.openSpace("Kitchen table");
  await ama.unmute();
  await ben.listen(path);
  await expect(ben).toHear(ama);

  const other = await ben.page.context().newPage();
  await other.goto("/sign-in");
  await other.getByRole("button", { name: "I am new here" }).click();
  await other.getByLabel("Name", { exact: true }).fill("ben");
  await other.getByLabel("Password").fill("a long table for all");
  await other.getByRole("button", { name: "Sign up" }).click();

  await expect(ben.page.getByRole("button", { name: "Ask to speak" })).toBeVisible();
  await expect(ben).toHear(ama);
});

/** The seconds, out of so many from now on, in which `listener` did not hear `speaker`. */
async function silentSeconds(listener: Person, speaker: Person, seconds: number): Promise<number[]> {
  const silent: number[] = [];
  for (let second = 0; second < seconds; second++) {
    if ((await listener.loudness(speaker, 1_000)) < AUDIBLE_DB) silent.push(second);
  }
  return silent;
}

/** What this person's browser would send, as the value of a `Cookie` header. */
async function cookiesOf(person: Person): Promise<string> {
  const cookies = await person.page.context().cookies();
  return cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
}

/** What a browser with only these cookies is answered when it asks who it is: the status. */
async function meAs(server: string, cookie: string): Promise<number> {
  return (await fetch(`${server}/api/v1/me`, { headers: { cookie } })).status;
}

function listeners(person: Person, path: string): Promise<number> {
  return person.page.evaluate(async (path) => {
    const card = await (await fetch(`/api/v1${path}`)).json();
    return card.counts.listeners;
  }, path);
}
