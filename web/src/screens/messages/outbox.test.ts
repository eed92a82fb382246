import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { message } from "../../api/samples";

type Fetch = (url: string, init: RequestInit) => Promise<Response>;
let answer: Fetch;
const session = { me: { id: "ben" } };
let sent: { key: string; text: string }[] = [];

const written = () => new Response(JSON.stringify({ ...message(1), conversation: "c1" }), { status: 201 });
const away: Fetch = () => Promise.reject(new TypeError("no network"));

/** A page that was just loaded, at which Ben sits. */
async function load() {
  vi.resetModules();
  vi.doMock("../../me.svelte", () => ({ session }));
  return (await import("./outbox.svelte")).outbox;
}

beforeEach(() => {
  sessionStorage.clear();
  session.me.id = "ben";
  sent = [];
  answer = async () => written();
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    const headers = init.headers as Record<string, string>;
    sent.push({ key: headers["idempotency-key"] ?? "", text: JSON.parse(String(init.body)).text });
    return answer(url, init);
  });
});
afterEach(() => vi.unstubAllGlobals());

it("sends one after the other, and shows them until they are there", async () => {
  const outbox = await load();
  for (const text of ["one", "two"]) outbox.put("ben", { to: "@ama", text });
  expect(outbox.of("ben", "@ama").map(({ letter }) => letter.text)).toEqual(["one", "two"]);

  await vi.waitFor(() => expect(outbox.of("ben", "@ama")).toEqual([]));
  expect(sent.map(({ text }) => text)).toEqual(["one", "two"]);
});

it("keeps what did not get there, and tries it again under the same key", async () => {
  const outbox = await load();
  answer = away;
  outbox.put("ben", { to: "@ama", text: "one" });
  await vi.waitFor(() => expect(outbox.of("ben", "@ama")[0]?.state).toBe("failed"));
  answer = async () => written();
  dispatchEvent(new Event("online"));

  await vi.waitFor(() => expect(outbox.of("ben", "@ama")).toEqual([]));
  expect(sent).toHaveLength(2);
  expect(sent[0]).toEqual(sent[1]);
});

it("has it after a reload, for whoever wrote it alone", async () => {
  answer = away;
  (await load()).put("ben", { to: "@ama", text: "one" });
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  const outbox = await load();

  expect(outbox.of("ben", "@ama")[0]).toMatchObject({ state: "failed", letter: { text: "one" } });
  expect(outbox.of("cleo", "@ama")).toEqual([]);
});

it("waits for a word of its writer where the server said no", async () => {
  const outbox = await load();
  answer = async () =>
    new Response(JSON.stringify({ code: "not_answered", detail: "Wait." }), {
      status: 409,
      headers: { "content-type": "application/problem+json" },
    });
  outbox.put("ben", { to: "@ama", text: "refused" });
  await vi.waitFor(() => expect(outbox.of("ben", "@ama")[0]?.trouble).toBe("Wait."));
  dispatchEvent(new Event("online"));
  await new Promise((resolve) => setTimeout(resolve));
  expect(sent.filter(({ text }) => text === "refused")).toHaveLength(1);
  outbox.drop(outbox.of("ben", "@ama")[0]?.key ?? "");

  expect(outbox.of("ben", "@ama")).toEqual([]);
});

it("sends nothing in the name of whoever sits there next", async () => {
  const outbox = await load();
  answer = away;
  outbox.put("ben", { to: "@ama", text: "of ben" });
  await vi.waitFor(() => expect(outbox.of("ben", "@ama")[0]?.state).toBe("failed"));
  session.me.id = "cleo";
  answer = async () => written();
  dispatchEvent(new Event("online"));
  await new Promise((resolve) => setTimeout(resolve));

  expect(sent.filter(({ text }) => text === "of ben")).toHaveLength(1);
  expect(outbox.of("ben", "@ama")).toHaveLength(1);
});
