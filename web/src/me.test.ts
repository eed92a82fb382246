import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { DRAFTS, OUTBOX, SEARCHES, whenForgotten } from "./kept";
import { signedOut, signIn, signOut } from "./me.svelte";

const AMA = { kind: "account", id: "ama", name: "ama", display_name: "Ama" };
const forgotten = vi.fn();
whenForgotten(forgotten);

function answer(...answers: Response[]): void {
  vi.stubGlobal("fetch", async () => answers.shift() ?? new Response(null, { status: 401 }));
}

beforeEach(async () => {
  answer(Response.json(AMA));
  await signIn("ama", "a long table for all");
  for (const key of [DRAFTS, SEARCHES]) localStorage.setItem(key, "[]");
  sessionStorage.setItem(OUTBOX, "[]");
  forgotten.mockReset();
});
afterEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  vi.unstubAllGlobals();
});

it("forgets what one had begun as one signs out", async () => {
  answer(new Response(null, { status: 204 }));
  await signOut();

  expect([localStorage.length, sessionStorage.length]).toEqual([0, 0]);
  expect(forgotten).toHaveBeenCalledOnce();
});

it("keeps it while the server does not say that one is signed out", async () => {
  answer(new Response(null, { status: 503 }));
  await expect(signOut()).rejects.toThrow();

  expect(localStorage).toHaveLength(2);
  expect(forgotten).not.toHaveBeenCalled();
});

it("forgets it with the account, and not where the account is still there", async () => {
  answer(Response.json(AMA));
  await signedOut();
  expect(localStorage).toHaveLength(2);
  answer();
  await signedOut();

  expect(localStorage).toHaveLength(0);
});
