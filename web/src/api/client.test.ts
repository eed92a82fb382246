import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as api from "./client";
import { inWords, Refusal, Unreachable } from "./errors";
import * as hosting from "./hosting";

type Answer = (url: string, init: RequestInit) => Promise<Response>;

function problem(status: number, body: object, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}

describe("asking the server", () => {
  const answer = vi.fn<Answer>();

  beforeEach(() => {
    answer.mockReset();
    vi.stubGlobal("fetch", answer);
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it("sends JSON below the prefix and gives back the answer", async () => {
    answer.mockResolvedValue(Response.json({ id: "u1" }, { status: 201 }));

    await expect(
      api.signUp({ name: "ama", password: "correct horse", display_name: "Ama" }),
    ).resolves.toEqual({ id: "u1" });

    const [url, init] = answer.mock.calls[0] ?? [];
    expect(url).toBe("/api/v1/accounts");
    expect(init?.method).toBe("POST");
    expect(JSON.parse(String(init?.body))).toEqual({
      name: "ama",
      password: "correct horse",
      display_name: "Ama",
    });
    expect(new Headers(init?.headers).get("content-type")).toBe("application/json");
  });

  it("sends a note only if there is one", async () => {
    answer.mockImplementation(() => Promise.resolve(Response.json({})));
    await api.askToSpeak("kitchen", "");
    await api.askToSpeak("kitchen", "A sound from 1987");

    expect(answer.mock.calls.map(([, init]) => init.body)).toEqual(["{}", '{"note":"A sound from 1987"}']);
  });

  it("turns problem details into a refusal with the server's own words", async () => {
    answer.mockResolvedValue(problem(409, { code: "stage_full", detail: "All seats are taken." }));
    const refused = hosting.bringUp("kitchen", "chidi");

    await expect(refused).rejects.toMatchObject({
      status: 409,
      code: "stage_full",
      message: "All seats are taken.",
    });
    await expect(refused).rejects.toBeInstanceOf(Refusal);
  });

  it("has plain words for an answer without any, such as a proxy's page", async () => {
    answer.mockResolvedValue(new Response("<h1>Bad gateway</h1>", { status: 502 }));

    await expect(api.liveSpaces()).rejects.toThrow("Something went wrong on the server.");
  });

  it("has plain words for a problem whose body is cut off", async () => {
    const headers = { "content-type": "application/problem+json" };
    answer.mockResolvedValue(new Response('{"code": "sl', { status: 429, headers }));

    await expect(api.liveSpaces()).rejects.toThrow("That was a little fast.");
  });

  it("keeps how long the server asks to wait", async () => {
    answer.mockResolvedValue(
      problem(429, { code: "slow_down", detail: "Slow down." }, { "retry-after": "7" }),
    );

    await expect(api.signIn("ama", "wrong")).rejects.toMatchObject({ retryAfterSeconds: 7 });
  });

  it("says that the server does not answer when the network fails", async () => {
    answer.mockRejectedValue(new TypeError("Failed to fetch"));

    await expect(api.whoAmI()).rejects.toBeInstanceOf(Unreachable);
  });

  it("does not wait for ever", async () => {
    let limit: AbortSignal | null | undefined;
    const timeout = vi.spyOn(AbortSignal, "timeout");
    answer.mockImplementation((_, init) => {
      limit = init.signal;
      return Promise.resolve(Response.json({}));
    });
    await api.whoAmI();

    expect(timeout).toHaveBeenCalledWith(10_000);
    expect(limit).toBeInstanceOf(AbortSignal);
  });

  it("posts an offer as SDP and gives back answer and address", async () => {
    const headers = { location: "/api/v1/calls/c1", "convivium-life": "life1" };
    answer.mockResolvedValue(new Response("v=0 answer", { status: 201, headers }));

    const call = await api.postCall(
      "kitchen",
      "v=0 offer",
      { ticket: null, isAnonymous: false, takesOver: false },
      new AbortController().signal,
    );

    expect(call).toEqual({ sdp: "v=0 answer", address: "/api/v1/calls/c1", life: "life1" });
    expect(new Headers(answer.mock.calls[0]?.[1].headers).get("content-type")).toBe("application/sdp");
  });

  it("ends a call at the address it was given, absolute or not, even while the page goes away", async () => {
    answer.mockImplementation(() => Promise.resolve(new Response(null, { status: 204 })));
    await api.endCall("/api/v1/calls/c1");
    await api.endCall(`${location.origin}/api/v1/calls/c2`);

    expect(answer.mock.calls.map(([url]) => url)).toEqual(["/api/v1/calls/c1", "/api/v1/calls/c2"]);
    expect(answer.mock.calls.every(([, init]) => init.keepalive)).toBe(true);
  });

  it("asks readiness without the prefix, and takes silence for no", async () => {
    answer.mockResolvedValueOnce(new Response("ready"));
    answer.mockResolvedValueOnce(new Response("", { status: 503 }));
    answer.mockRejectedValueOnce(new TypeError("Failed to fetch"));

    expect([await api.isReady(), await api.isReady(), await api.isReady()]).toEqual([true, false, false]);
    expect(answer.mock.calls[0]?.[0]).toBe("/readyz");
  });

  it("knows a server that was never away from one that has started anew, answers nothing, or does not say", async () => {
    const alive = (life: string) => new Response("", { headers: { "convivium-life": life } });
    for (const life of ["life1", "life2", "life1"]) answer.mockResolvedValueOnce(alive(life));
    answer.mockRejectedValueOnce(new TypeError("Failed to fetch"));
    answer.mockResolvedValueOnce(new Response(""));

    expect([await api.isStill("life1"), await api.isStill("life1"), await api.isStill(null)]).toEqual([
      true,
      false,
      false,
    ]);
    expect([await api.isStill("life1"), await api.isStill("life1")]).toEqual([false, false]);
    expect(answer.mock.calls[0]?.[0]).toBe("/healthz");
  });

  it("never shows a program's words to a person", () => {
    expect(inWords(new TypeError("undefined is not a function"))).toBe(
      "Something went wrong on this page. Reload it, then try again.",
    );
  });
});
