/**
 * The SSE carrier: live events for whoever has no call, or whose call is lost for a moment.
 *
 * Read by `fetch` rather than `EventSource`, which hides why a stream was refused (removed, not invited)
 * and knows no bounds for trying again.
 */
import { send } from "../api/client";
import { Refusal } from "../api/errors";
import type { LiveEvent } from "../api/types";
import { pause } from "../pause";

/** Waits between tries, in milliseconds; the last one is kept. */
const WAITS_MS = [250, 500, 1_000, 2_000, 5_000];
/** One event larger than this is no event of ours. */
const MAX_EVENT_CHARACTERS = 1_000_000;

/** What travels on any stream of ours; `goodbye` is its last. */
export interface StreamEvent {
  id: string;
  type: string;
  data: unknown;
}

export interface StreamListener<E extends StreamEvent = LiveEvent> {
  /** Whoever comes back waits a random part of so many milliseconds; those who come first have 0. */
  windowMs(): number;
  /** Where to resume, or null for a fresh snapshot. */
  lastId(): string | null;
  event(event: E): void;
  /** The server refuses: there is no use in trying again. */
  refused(refusal: Refusal): void;
}

/** Follow the events at `path` until the returned function is called, across lost connections. */
export function followEvents<E extends StreamEvent>(path: string, listener: StreamListener<E>): () => void {
  const stop = new AbortController();
  void follow(path, listener, stop.signal);
  return () => stop.abort();
}

async function follow<E extends StreamEvent>(
  path: string,
  listener: StreamListener<E>,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  const onEvent = (event: E) => {
    failures = 0;
    listener.event(event);
  };
  await pause(Math.random() * listener.windowMs(), signal);
  while (!signal.aborted) {
    try {
      if (await readOnce(path, listener.lastId(), onEvent, signal)) return;
    } catch (error) {
      if (signal.aborted) return;
      if (isFinal(error)) return listener.refused(error);
    }
    const waitMs = WAITS_MS[Math.min(failures, WAITS_MS.length - 1)] ?? 0;
    // Half of it by chance: a thousand streams that broke together are opened again one by one.
    await pause(waitMs * (0.5 + Math.random() / 2) + Math.random() * listener.windowMs(), signal);
    failures++;
  }
}

/** Read one connection to its end. True when the server said goodbye for good. */
async function readOnce<E extends StreamEvent>(
  path: string,
  lastId: string | null,
  onEvent: (event: E) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const headers: Record<string, string> = { accept: "text/event-stream" };
  if (lastId) headers["last-event-id"] = lastId;
  const response = await send("GET", path, { headers, timeoutMs: null, signal });
  for await (const event of eventsIn<E>(response)) {
    if (signal.aborted) return true;
    onEvent(event);
    if (isLast(event)) return true;
  }
  return false;
}

function isLast(event: StreamEvent): boolean {
  return event.type === "goodbye" && !(event.data as { reconnect?: boolean }).reconnect;
}

/** Whether trying again makes no sense: a refusal that is not about a busy or starting server. */
function isFinal(error: unknown): error is Refusal {
  return error instanceof Refusal && error.status < 500 && error.status !== 429;
}

async function* eventsIn<E extends StreamEvent>(response: Response): AsyncGenerator<E> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? "";
    if (rest.length > MAX_EVENT_CHARACTERS) throw new Error("An event larger than any of ours.");
    for (const block of blocks) {
      const event = eventOf<E>(block);
      if (event) yield event;
    }
  }
}

/** The event in one block of an event stream; null for comments, retry hints and what is not JSON. */
export function eventOf<E extends StreamEvent = LiveEvent>(block: string): E | null {
  const data = block
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).replace(/^ /, ""))
    .join("\n");
  return parseEvent<E>(data);
}

/** The event in `text`, as both carriers bring it; null when it is none. */
export function parseEvent<E extends StreamEvent = LiveEvent>(text: string): E | null {
  try {
    const event = JSON.parse(text) as E | null;
    return typeof event?.id === "string" && typeof event.type === "string" ? event : null;
  } catch {
    return null;
  }
}
