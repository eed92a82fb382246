import { expect, test } from "../people.ts";

test("names at the table turn with the colour scheme, and not some time after the table", async ({
  person,
}) => {
  const ama = await person("ama");
  await ama.signUp();
  await ama.openSpace("Kitchen table");
  await expect(ama.page.getByRole("region", { name: "Stage" })).toContainText("You");

  await ama.page.emulateMedia({ colorScheme: "dark" });

  const late = await ama.page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const changing = document.getAnimations().filter((one) => one instanceof CSSTransition);
    return changing.filter((one) => one.transitionProperty === "color").length;
  });
  expect(late).toBe(0);
});
