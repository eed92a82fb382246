/** Signing in by a provider, and by a letter, as people find it: each way there, back, and out of it when it fails. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Answers, App, refusal } from "./page";

const AMA = {
  kind: "account",
  id: "ama",
  name: "ama",
  display_name: "Ama",
  role: "member",
  listed: true,
  protected: false,
};
const guest: Answers = {
  "GET /me": () => refusal(401, "not_signed_in"),
  "GET /sign-in/ways": { providers: [{ id: "library", label: "Göteborg Library" }], letter: true },
};
const came = (what: string, more: object = {}) => ({
  what,
  next: "/explore",
  me: null,
  newcomer: null,
  ...more,
});
const BACK = "/sign-in/library?code=secret&state=s&iss=https%3A%2F%2Fid.example";

let app: App;

beforeEach(() => {
  app = new App();
  sessionStorage.clear();
});

afterEach(async () => {
  await app.close();
});

/** What was sent with the last request that had a body. */
function answering(code: string, bodies: unknown[], answer: object | (() => Response)) {
  return {
    [code]: (asked: RequestInit) => {
      bodies.push(JSON.parse(String(asked.body)));
      return typeof answer === "function" ? answer() : Response.json(answer);
    },
  };
}

describe("a provider", () => {
  it("has a button that leads there and on", async () => {
    await app.open("/sign-in?next=%2Fexplore", guest);

    expect(app.find("link", "Continue with Göteborg Library").getAttribute("href")).toBe(
      "/api/v1/sign-in/oidc/library?next=%2Fexplore",
    );
    expect(await app.barriers()).toEqual([]);
  });

  it("has none where there is none", async () => {
    await app.open("/sign-in", { ...guest, "GET /sign-in/ways": { providers: [], letter: false } });

    expect(app.names("link").some((name) => name.startsWith("Continue with"))).toBe(false);
    await app.press("Forgotten?");
    expect(app.names("link")).not.toContain("Send me a letter");
  });

  it("says why it could not be gone to", async () => {
    await app.open("/sign-in?trouble=provider_away", guest);

    expect(app.text).toContain("The other server does not answer.");
  });

  it("sends one back signed in, and the code stays in no address", async () => {
    const bodies: unknown[] = [];
    await app.open(BACK, {
      ...guest,
      ...answering("POST /sign-in/oidc/library", bodies, came("signed_in", { me: AMA })),
    });
    await app.settle();

    expect(bodies).toEqual([{ state: "s", code: "secret", iss: "https://id.example" }]);
    expect(location.pathname + location.search).toBe("/explore");
  });

  it("introduces who is new, who needs a name and no password", async () => {
    const bodies: unknown[] = [];
    sessionStorage.setItem("convivium-door", "#invitation=come");
    await app.open(BACK, {
      ...guest,
      "POST /sign-in/oidc/library": came("introduced", {
        newcomer: { name: "ama_mensah", display_name: "Ama Mensah" },
      }),
      ...answering("POST /accounts", bodies, AMA),
    });
    await app.settle();
    expect(location.pathname + location.search).toBe("/sign-in?next=%2Fexplore");
    expect(app.names("textbox")).not.toContain("Password");
    await app.type("Name", "ama");
    await app.press("Sign up");
    await app.settle();

    expect(bodies).toEqual([{ name: "ama", display_name: "Ama Mensah", invitation: "come", provider: true }]);
    expect(location.pathname).toBe("/explore");
  });

  it("asks for a password after all when the introduction is over", async () => {
    await app.open(BACK, {
      ...guest,
      "POST /sign-in/oidc/library": came("introduced", { newcomer: { name: "", display_name: "" } }),
      "POST /accounts": () => refusal(409, "introduction_over", "It is too long ago."),
    });
    await app.settle();
    await app.type("Name", "ama");
    await app.press("Sign up");
    await app.settle();

    expect(app.text).toContain("It is too long ago.");
    expect(app.names("textbox")).toContain("Password");
  });

  it.each([
    ["declined", 403],
    ["provider_away", 503],
    ["not_trusted", 403],
    ["visit_over", 409],
  ])("says why nothing came of it: %s", async (code, status) => {
    await app.open(BACK, {
      ...guest,
      "POST /sign-in/oidc/library": () => refusal(status, code, "A sentence."),
    });
    await app.settle();

    expect(app.text).toContain("A sentence.");
    expect(app.find("link", "Go to the sign-in page").getAttribute("href")).toBe("/sign-in?next=%2F");
    expect(location.search).toBe("");
    expect(await app.barriers()).toEqual([]);
  });

  it("says that an account is suspended, and why", async () => {
    const suspended = { code: "suspended", detail: "x", until: null, words: "For spam." };
    await app.open(BACK, {
      ...guest,
      "POST /sign-in/oidc/library": () =>
        Response.json(suspended, { status: 403, headers: { "content-type": "application/problem+json" } }),
    });
    await app.settle();

    expect(app.find("heading", "Your account is suspended")).toBeTruthy();
    expect(app.text).toContain("For spam.");
    expect(app.names("button").some((name) => name.startsWith("Send the appeal"))).toBe(false);
  });
});

describe("a letter", () => {
  it("is asked for, and nothing says whose the address is", async () => {
    const bodies: unknown[] = [];
    const sent = () => new Response(null, { status: 204 });
    await app.open("/sign-in", { ...guest, ...answering("POST /password-resets", bodies, sent) });
    await app.press("Forgotten?");
    await app.press("Send me a letter", "link");
    expect(location.pathname).toBe("/forgot-password");
    await app.press("Send the letter");
    expect(app.text).toContain("Write it as name@example.org.");
    expect(await app.barriers()).toEqual([]);
    await app.type("Your e-mail address", " ama@example.org ");
    await app.press("Send the letter");

    expect(bodies).toEqual([{ address: "ama@example.org" }]);
    expect(app.text).toContain("If this address is confirmed for an account here");
    expect(document.activeElement?.textContent).toContain("Look into your mail");
  });

  it("leads to a new password, and to a passkey", async () => {
    const bodies: unknown[] = [];
    await app.open("/new-password#from-the-letter", {
      ...guest,
      ...answering("POST /sessions/letter", bodies, AMA),
    });
    await app.type("New password", "short");
    await app.press("Set the password");
    expect(bodies).toEqual([]);
    await app.type("New password", "long river stones");
    await app.press("Set the password");
    await app.settle();

    expect(bodies).toEqual([{ token: "from-the-letter", password: "long river stones" }]);
    expect(app.text).toContain("Your password is set");
    expect(await app.barriers()).toEqual([]);
  });

  it("that is too old leads to another", async () => {
    await app.open("/new-password#old", {
      ...guest,
      "POST /sessions/letter": () => refusal(404, "reset_over", "It was used already."),
    });
    await app.type("New password", "long river stones");
    await app.press("Set the password");
    await app.settle();

    expect(app.text).toContain("It was used already.");
    expect(app.find("link", "Send me a letter").getAttribute("href")).toBe("/forgot-password");
  });
});

describe("the settings", () => {
  const library = { id: "library", label: "Göteborg Library" };
  const linked = {
    id: "i1",
    provider: "library",
    label: library.label,
    since: "2026-01-01T12:00:00Z",
    used: null,
  };
  const gone = { ...linked, id: "i2", provider: null, label: "gone.example" };
  const ways = { sessions: [], password: false, passkeys: [], providers: [library], recovery_codes: 0 };
  const mine = (identities: object[]): Answers => ({
    "GET /me": AMA,
    "GET /me/sign-ins": { ...ways, identities },
  });

  it("list accounts elsewhere, and unlink them", async () => {
    const unlinked: string[] = [];
    await app.open("/settings", {
      ...mine([linked, gone]),
      "DELETE /me/identities/i1": () => {
        unlinked.push("i1");
        return new Response(null, { status: 204 });
      },
    });
    await app.settle();
    expect(app.text).toContain("Nobody signs in by it here any more.");
    expect(app.names("button")).not.toContain("Link your account at Göteborg Library");
    expect(await app.barriers()).toEqual([]);
    await app.press("Unlink Göteborg Library");

    expect(unlinked).toEqual(["i1"]);
    expect(app.text).toContain("Göteborg Library is unlinked.");
  });

  it("offer to link one, and say why it cannot be gone to", async () => {
    const bodies: unknown[] = [];
    const away = () => refusal(503, "provider_away", "It is away.");
    await app.open("/settings", { ...mine([]), ...answering("POST /me/visits/library", bodies, away) });
    await app.settle();
    await app.press("Link your account at Göteborg Library");

    expect(bodies).toEqual([{ purpose: "link", next: "/settings" }]);
    expect(app.text).toContain("It is away.");
  });

  it("let one show by an account elsewhere that it is oneself", async () => {
    const bodies: unknown[] = [];
    const away = () => refusal(503, "provider_away", "It is away.");
    await app.open("/settings", {
      ...mine([linked, gone]),
      "DELETE /me/identities/i1": () => refusal(403, "sign_in_again"),
      ...answering("POST /me/visits/library", bodies, away),
    });
    await app.settle();
    await app.press("Unlink Göteborg Library");
    await app.press("Continue with Göteborg Library");

    expect(bodies).toEqual([{ purpose: "prove", next: "/settings" }]);
    expect(app.names("button")).not.toContain("Continue with gone.example");
    expect(app.find("dialog", "Show that it is you").textContent).toContain("It is away.");
  });
});
