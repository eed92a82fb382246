/** Passkeys, with the authenticator that Chromium keeps for tests. */
import { expect, type Person, test } from "../people.ts";

test("somebody signs up by a passkey alone, and comes back with it", async ({ person, server }) => {
  const ama = await person("ama");
  await withAuthenticator(ama);
  // A passkey belongs to a name, not to a number.
  const home = server.url.replace("127.0.0.1", "localhost");
  const { page } = ama;
  const byPasskey = page.getByRole("button", { name: "Continue with a passkey" });

  await page.goto(`${home}/sign-in?next=%2Fsettings`);
  await page.getByRole("button", { name: "I am new here" }).click();
  await page.getByLabel("Name", { exact: true }).fill("ama");
  await byPasskey.click();
  await expect(page).toHaveURL(`${home}/settings`);
  const signingIn = page.getByRole("region", { name: "Signing in" });
  await expect(signingIn).toContainText("You have none.");
  await expect(signingIn.getByRole("button", { name: /^Take away the passkey/ })).toBeVisible();
  expect(await ama.barriers()).toEqual([]);

  const signOut = page.getByRole("button", { name: "Sign out", exact: true });
  // The browser offers it under the name, and this one's lock opens by itself.
  await signOut.click();
  await expect(page).toHaveURL(`${home}/`);
  await page.goto(`${home}/sign-in?next=%2Fsettings`);
  await expect(page).toHaveURL(`${home}/settings`);
  await expect(signingIn).toContainText("Last used today");

  // One that offers nothing has the button.
  await page.addInitScript(() => {
    PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);
  });
  await signOut.click();
  await expect(page).toHaveURL(`${home}/`);
  await page.goto(`${home}/sign-in?next=%2Fsettings`);
  expect(await ama.barriers()).toEqual([]);
  await byPasskey.click();
  await expect(page).toHaveURL(`${home}/settings`);
});

/** Let this browser have a phone's screen lock that always opens. */
async function withAuthenticator({ page }: Person): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    },
  });
}
