/** The server's side of a call, for tests: answers offers, restarts and readiness as it is told. */
import { vi } from "vitest";

export const ANSWER = [
  "v=0",
  "a=ice-ufrag:server1",
  "a=ice-pwd:serverpwd1",
  "a=candidate:1 1 udp 1 127.0.0.1 7882 typ host",
  "a=rtpmap:111 opus/48000/2",
  "a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1;stereo=0;maxaveragebitrate=32000",
  "",
].join("\r\n");
export const RESTARTED = [
  "a=ice-ufrag:server2",
  "a=ice-pwd:serverpwd2",
  "a=candidate:1 1 udp 1 127.0.0.1 7882 typ host",
  "",
].join("\r\n");

interface Problem {
  status: number;
  code: string;
  /** Seconds. */
  retryAfter?: number;
  place?: number;
  ticket?: string;
}

export class FakeServer {
  /** What was asked, in order: `METHOD path`. */
  readonly asked: string[] = [];
  readonly headers: Headers[] = [];
  readonly bodies: string[] = [];
  isReady = true;
  /** Which run of the server this is. */
  life = "life1";
  /** False: nobody answers at all. */
  isUp = true;
  /** What is waited for before something is answered. */
  before: (asked: string) => Promise<void> = () => Promise.resolve();
  /** How the next calls are refused, or null to accept them. */
  refusal: Problem | null = null;
  knowsCalls = true;
  /** Event streams that are being read; they stay silent. */
  openStreams = 0;
  #calls = 0;

  /** Stand in for `fetch` until `vi.unstubAllGlobals`. */
  install(): this {
    vi.stubGlobal("fetch", (url: string, init: RequestInit) => this.#answer(url, init));
    return this;
  }

  count(start: string): number {
    return this.asked.filter((asked) => asked.startsWith(start)).length;
  }

  async #answer(url: string, init: RequestInit): Promise<Response> {
    this.asked.push(`${init.method} ${url}`);
    this.headers.push(new Headers(init.headers));
    this.bodies.push(String(init.body ?? ""));
    await this.before(`${init.method} ${url}`);
    if (!this.isUp) throw new TypeError("Failed to fetch");
    if (url === "/healthz") return new Response("", { headers: { "convivium-life": this.life } });
    if (url === "/readyz") return new Response("", { status: this.isReady ? 200 : 503 });
    if (url.endsWith("/events")) return this.#stream(init.signal);
    if (!url.includes("/call")) return new Response(null, { status: 204 });
    if (init.method === "DELETE") return new Response(null, { status: 204 });
    if (init.method === "PATCH")
      return this.knowsCalls ? new Response(RESTARTED) : problem({ status: 404, code: "call_not_found" });
    if (this.refusal) return problem(this.refusal);
    this.#calls++;
    const headers = { location: `/api/v1/calls/c${this.#calls}`, "convivium-life": this.life };
    return new Response(ANSWER, { status: 201, headers });
  }

  #stream(signal: AbortSignal | null | undefined): Response {
    this.openStreams++;
    const body = new ReadableStream({
      start: (controller) => {
        signal?.addEventListener("abort", () => {
          this.openStreams--;
          controller.error(new DOMException("", "AbortError"));
        });
      },
    });
    return new Response(body);
  }
}

function problem({ retryAfter, ...shown }: Problem): Response {
  const body = JSON.stringify({ ...shown, detail: `Refused: ${shown.code}.` });
  const headers = new Headers({ "content-type": "application/problem+json" });
  if (retryAfter !== undefined) headers.set("retry-after", String(retryAfter));
  return new Response(body, { status: shown.status, headers });
}
