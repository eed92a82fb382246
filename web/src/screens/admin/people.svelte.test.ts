/** What the pages of people, the waiting list and invitations show, and what they ask of the server. */
import { type Component, flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import Account from "./Account.svelte";
import Invitations from "./Invitations.svelte";
import People from "./People.svelte";
import Waiting from "./Waiting.svelte";

const PERSON = { id: "b", name: "ben", display_name: "Ben" };
const ACCOUNT = {
  person: PERSON,
  role: "moderator",
  since: "2026-01-01T12:00:00Z",
  protected: false,
  suspended: true,
  suspended_until: null,
};
const INVITATION = {
  id: "7",
  by: PERSON,
  note: "The choir",
  uses: 3,
  uses_left: 1,
  created_at: "2026-01-01T12:00:00Z",
  expires_at: "2026-02-01T12:00:00Z",
  is_open: true,
};
const WAITS = { id: "w", name: "ama", display_name: "Ama", since: "2026-01-01T12:00:00Z", note: "Bread." };

/** Answers by how the address begins; what is asked is written down. */
const ANSWERS: Record<string, unknown> = {
  "GET /api/v1/admin/people?": { items: [ACCOUNT], next_cursor: null },
  "GET /api/v1/admin/people/b": {
    ...ACCOUNT,
    password: true,
    passkeys: 2,
    sessions: 1,
    tokens: 0,
    email: false,
    invited: { person: null },
  },
  "POST /api/v1/admin/people/b/way-back": { name: "ben", code: "aaaa-bbbb", expires_at: "x" },
  "GET /api/v1/moderation/waiting": { items: [WAITS], next_cursor: null },
  "GET /api/v1/admin/invitations?": { items: [INVITATION], next_cursor: null },
  "GET /api/v1/admin/invitations/7/people": { items: [PERSON], next_cursor: null },
  "POST /api/v1/admin/invitations": { invitation: INVITATION, code: "secret" },
};
let asked: string[] = [];
let shown: Record<string, unknown> | null = null;

beforeEach(() => {
  asked = [];
  vi.stubGlobal("fetch", async (url: string, { method, body }: RequestInit) => {
    const what = `${method} ${url}`;
    asked.push(body ? `${what} ${body}` : what);
    const known = Object.keys(ANSWERS).find((key) => what.startsWith(key));
    return new Response(JSON.stringify(known ? ANSWERS[known] : null), { status: 200 });
  });
});

afterEach(() => {
  if (shown) unmount(shown);
  shown = null;
  document.body.innerHTML = "";
  vi.unstubAllGlobals();
});

function show<Props extends Record<string, unknown>>(component: Component<Props>, props: Props): void {
  shown = mount(component, { target: document.body, props });
  flushSync();
}

const text = () => document.body.textContent?.replace(/\s+/g, " ") ?? "";
const button = (name: string) =>
  [...document.querySelectorAll("button")].find(
    (one) => one.getAttribute("aria-label") === name || one.textContent?.trim() === name,
  );

async function press(name: string): Promise<void> {
  await vi.waitFor(() => expect(button(name)).toBeTruthy());
  button(name)?.click();
}

it("lists people with what they are, and leads to each", async () => {
  show(People, { rest: "" });
  await vi.waitFor(() => expect(text()).toContain("@ben"));
  expect(text()).toContain("Suspended Moderator");
  expect(document.querySelector("a")?.getAttribute("href")).toBe("/admin/people/b");
});

it("shows an account, gives a role and a link that signs in", async () => {
  show(Account, { id: "b" });
  await vi.waitFor(() => expect(text()).toContain("Has a password. 2 passkeys. Signed in at 1 place."));
  expect(text()).toContain("Came by an invitation of the operator.");
  await press("Make a link to sign in");
  await vi.waitFor(() => {
    const link = document.querySelector<HTMLInputElement>("input[readonly]")?.value;
    expect(link).toMatch(/\/sign-in#name=ben&code=aaaa-bbbb$/);
  });
  document.querySelector<HTMLInputElement>("input[value=member]")?.click();
  flushSync();
  await press("Give this role");
  await vi.waitFor(() => expect(asked).toContain('PUT /api/v1/admin/people/b/role {"role":"member"}'));
});

it("lets in who waits, who is in the list no more", async () => {
  show(Waiting, {});
  await vi.waitFor(() => expect(text()).toContain("Bread."));
  await press("Let in: Ama");
  await vi.waitFor(() => expect(text()).toContain("Nobody waits"));
  expect(asked).toContain("POST /api/v1/moderation/waiting/w/let-in");
});

it("makes an invitation, shows its link once, and who came by one", async () => {
  show(Invitations, {});
  await vi.waitFor(() => expect(text()).toContain("2 of 3 came"));
  await press("Who came");
  await vi.waitFor(() => expect(button("Who came")).toBeUndefined());
  await press("Make an invitation");
  await vi.waitFor(() => {
    const link = document.querySelector<HTMLInputElement>("input[readonly]")?.value;
    expect(link).toMatch(/\/sign-in#invitation=secret$/);
  });
  expect(asked).toContain('POST /api/v1/admin/invitations {"uses":1,"days":7,"note":""}');
});
