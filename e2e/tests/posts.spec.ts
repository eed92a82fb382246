/** An evening of posts, in real browsers: write, answer, like, pass on, quote, change, delete, and hear of what is new. */
import { expect, type Person, test } from "../people.ts";

const button = ({ page }: Person, name: string | RegExp) => page.getByRole("button", { name, exact: true });
const feed = ({ page }: Person) => page.getByRole("feed");
const article = (person: Person, text: string) =>
  person.page.getByRole("article").filter({ hasText: text }).first();

test("two people write to each other: posts, answers, likes, reposts, quotes, and what is new", async ({
  person,
}) => {
  test.setTimeout(240_000);
  const ama = await person("ama");
  const ben = await person("ben", { viewport: { width: 390, height: 844 }, colorScheme: "dark" });
  for (const somebody of [ama, ben]) await somebody.signUp();

  await test.step("Ama writes on her desktop's home", async () => {
    await expect(ama.page.getByRole("heading", { name: "It is quiet here" })).toBeVisible();
    await ama.page.getByLabel("What do you want to say?").fill("Bread at eight, @ben #baking");
    await button(ama, "Post").click();
    await expect(article(ama, "Bread at eight")).toBeVisible();
    expect(await ama.barriers()).toEqual([]);
  });

  await test.step("Ben finds her, follows her, and has her post in his timeline", async () => {
    await ben.page.goto("/people/ama");
    await button(ben, "Follow Ama").click();
    await expect(button(ben, "Following Ama")).toBeVisible();
    await ben.page.getByRole("tab", { name: "Posts" }).click();
    await expect(article(ben, "Bread at eight")).toBeVisible();
    expect(await ben.barriers()).toEqual([]);
    await ben.page.goto("/");
    await expect(feed(ben).getByRole("link", { name: "@ben" })).toHaveAttribute("href", "/people/ben");
    await expect(ben.page.getByText("You are up to date.")).toBeVisible();
    expect(await ben.barriers()).toEqual([]);
  });

  await test.step("He likes it and passes it on", async () => {
    const post = article(ben, "Bread at eight");
    for (const act of ["Like", "Repost"]) {
      await post.getByRole("button", { name: act, exact: true }).click();
      await expect(post.getByRole("button", { name: act, exact: true })).toHaveAttribute(
        "aria-pressed",
        "true",
      );
    }
  });

  await test.step("He answers it in its thread", async () => {
    await article(ben, "Bread at eight")
      .getByText("Bread at eight")
      .click({ position: { x: 8, y: 8 } });
    await ben.page.waitForURL("**/posts/*");
    await ben.page.getByLabel("Your answer").fill("I bring the salt");
    await ben.page.getByRole("button", { name: "Reply", exact: true }).last().click();
    await expect(ben.page.getByRole("region", { name: "Replies" })).toContainText("I bring the salt");
    expect(await ben.barriers()).toEqual([]);
  });

  await test.step("Ama reads on her page what came of it", async () => {
    await ama.page.reload();
    const post = article(ama, "Bread at eight");
    await expect(post.getByRole("button", { name: "Like", exact: true })).toHaveAccessibleDescription(
      "1 like",
    );
    await expect(post.getByRole("button", { name: "Repost", exact: true })).toHaveAccessibleDescription(
      "1 repost",
    );
    await expect(post.getByRole("button", { name: "Reply", exact: true })).toHaveAccessibleDescription(
      "1 reply",
    );
  });

  await test.step("Ben goes back to where he was; what Ama writes now is told, and shown when he asks", async () => {
    await ben.page.getByRole("button", { name: "Back" }).click();
    await expect(feed(ben)).toBeVisible();
    await ama.page.getByLabel("What do you want to say?").fill("It is in the oven");
    await button(ama, "Post").click();
    await expect(button(ben, "1 new post")).toBeVisible();
    await expect(article(ben, "It is in the oven")).toHaveCount(0);
    await button(ben, "1 new post").click();
    await expect(article(ben, "It is in the oven")).toBeVisible();
    await expect(button(ben, "1 new post")).toBeHidden();
  });

  await test.step("Ben quotes it, from the menu of the post, and begins another at the +", async () => {
    await article(ben, "It is in the oven").getByRole("button", { name: "More" }).click();
    await ben.page.getByRole("menuitem", { name: "Quote" }).click();
    const sheet = ben.page.getByRole("dialog", { name: "Quote" });
    await sheet.getByRole("textbox").fill("She means it");
    await sheet.getByRole("textbox").press("Control+Enter");
    await expect(article(ben, "She means it")).toContainText("It is in the oven");
    await button(ben, "New post or space").click();
    await expect(button(ben, /^Write a post/)).toBeFocused();
    await ben.page.keyboard.press("Enter");
    await ben.page.getByRole("dialog", { name: "Write a post" }).getByRole("textbox").fill("Half a thought");
    expect(await ben.barriers()).toEqual([]);
    await ben.page
      .getByRole("dialog", { name: "Write a post" })
      .getByRole("button", { name: "Close" })
      .click();
    await button(ben, "New post or space").click();
    await button(ben, /^Write a post/).click();
    await expect(ben.page.getByRole("dialog", { name: "Write a post" }).getByRole("textbox")).toHaveValue(
      "Half a thought",
    );
    await ben.page
      .getByRole("dialog", { name: "Write a post" })
      .getByRole("button", { name: "Close" })
      .click();
  });

  await test.step("Ama puts other words in, which can be read, and then takes it away", async () => {
    const choose = async (item: string) => {
      await article(ama, "the oven").getByRole("button", { name: "More" }).click();
      await ama.page.getByRole("menuitem", { name: item }).click();
    };
    await choose("Edit");
    const sheet = ama.page.getByRole("dialog", { name: "Change your post" });
    await sheet.getByRole("textbox").fill("It is out of the oven");
    await button(ama, "Save").click();
    await article(ama, "out of the oven").getByRole("button", { name: "Edited" }).click();
    const history = ama.page.getByRole("dialog", { name: "What it said before" });
    await expect(history).toContainText("It is in the oven");
    await history.getByRole("button", { name: "Close" }).click();
    await choose("Delete");
    await ama.page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await expect(ama.page.getByRole("article", { name: "This post is gone." })).toBeVisible();
  });

  await test.step("Ben sees that what he quoted is gone", async () => {
    await ben.page.reload();
    await expect(article(ben, "She means it")).toContainText("This post is gone.");
  });

  await test.step("The tag leads to what has it, also for guests", async () => {
    const chidi = await person("chidi");
    await chidi.page.goto("/explore?tag=baking");
    await expect(article(chidi, "Bread at eight")).toBeVisible();
    expect(await chidi.barriers()).toEqual([]);
  });
});
