import { expect, test } from "../people.ts";

for (const reducedMotion of ["no-preference", "reduce"] as const) {
  test(`names turn with the colour scheme, not some time after the table: ${reducedMotion}`, async ({
    person,
  }) => {
    const ama = await person("ama");
    await ama.signUp();
    await ama.openSpace("Kitchen table");
    await expect(ama.page.getByRole("region", { name: "Stage" })).toContainText("You");

    await ama.page.emulateMedia({ colorScheme: "dark", reducedMotion });

    const late = await ama.page.evaluate(async () => {
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      const names = [...document.querySelectorAll(".seat .name")];
      const changing = names.flatMap((name) => name.getAnimations());
      return changing.filter((one) => one instanceof CSSTransition && one.transitionProperty === "color")
        .length;
    });
    expect(late).toBe(0);
  });
}
