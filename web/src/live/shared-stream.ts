/**
 * One event stream for all tabs of a browser that look at the same thing as the same person: a space, or what
 * concerns that person alone.
 *
 * The tab that has the Web Lock of that stream holds it open and passes on what it brings by BroadcastChannel.
 * The others ask the holder now and then: whoever missed something gets a snapshot, and a holder that does not
 * answer (its tab is frozen) loses the lock to whoever asked. A tab that goes away lets go of the lock by itself,
 * and the next one resumes after the event it saw last. A browser without either API: every tab has its own stream.
 */
import { Refusal } from "../api/errors";
import type { LiveEvent } from "../api/types";
import { pause } from "../pause";
import { followEvents, type StreamEvent, type StreamListener } from "./event-stream";

/** How often a tab asks the holder whether it missed something. */
export const ASK_EVERY_MS = 10_000;
/** A holder that has not answered for so long is frozen. Answering takes no timer, which hidden tabs have few of. */
export const ANSWER_WITHIN_MS = 2_000;

export interface SharedListener<E extends StreamEvent = LiveEvent> extends StreamListener<E> {
  /** All that was received so far, as one event, for a tab that joins late; null before there is any. */
  snapshot(): E | null;
}

type Message<E extends StreamEvent> =
  | { kind: "ask"; lastId: string | null }
  | { kind: "here" }
  | { kind: "event"; event: E }
  | { kind: "refused"; status: number; code: string; words: string };

/** Follow the events of `space` as `person` (an id, or "" for nobody in particular) until the returned function is called. */
export function followShared(space: string, person: string, listener: SharedListener): () => void {
  return follow(`/spaces/${space}/events`, `convivium-events ${space} ${person}`, listener);
}

/** Follow what concerns `person` alone, an account, until the returned function is called. */
export function followMine<E extends StreamEvent>(person: string, listener: SharedListener<E>): () => void {
  return follow("/me/events", `convivium-mine ${person}`, listener);
}

function follow<E extends StreamEvent>(path: string, name: string, listener: SharedListener<E>): () => void {
  if (!canShare()) return followEvents(path, listener);
  const stream = new SharedStream(path, name, listener);
  return () => stream.stop();
}

function canShare(): boolean {
  // Locks are there for secure contexts only.
  return "BroadcastChannel" in globalThis && Boolean(navigator.locks);
}

class SharedStream<E extends StreamEvent> {
  readonly #path: string;
  readonly #name: string;
  readonly #listener: SharedListener<E>;
  readonly #channel: BroadcastChannel;
  readonly #life = new AbortController();
  /** One's place in line for the lock, or the lock itself. */
  #turn = new AbortController();
  #isHolder = false;
  #isAnswered = false;

  constructor(path: string, name: string, listener: SharedListener<E>) {
    this.#path = path;
    this.#name = name;
    this.#listener = listener;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<Message<E>>) => {
      if (data.kind === "ask") this.#answer(data.lastId);
      else this.#take(data);
    };
    this.#standInLine();
    void this.#keepAsking();
  }

  stop(): void {
    this.#life.abort();
    this.#turn.abort();
    this.#channel.close();
  }

  // Holding the stream

  #standInLine(options: LockOptions = {}): void {
    this.#turn.abort();
    const turn = new AbortController();
    this.#turn = turn;
    // A theft takes no signal: it waits for nobody.
    const how = options.steal ? options : { signal: turn.signal };
    navigator.locks
      .request(this.#name, how, () => this.#hold(turn.signal))
      .catch(() => {
        if (turn.signal.aborted) return;
        // Another tab thought this one frozen: it holds the stream now.
        this.#standInLine();
      });
  }

  /** Keep the stream open until the turn is over. */
  #hold(turn: AbortSignal): Promise<void> {
    if (turn.aborted) return Promise.resolve();
    this.#isHolder = true;
    const stop = followEvents<E>(this.#path, {
      windowMs: () => this.#listener.windowMs(),
      lastId: () => this.#listener.lastId(),
      event: (event) => this.#pass({ kind: "event", event }),
      refused: ({ status, code, message }) => this.#pass({ kind: "refused", status, code, words: message }),
    });
    return new Promise((resolve) => {
      turn.addEventListener("abort", () => {
        this.#isHolder = false;
        stop();
        resolve();
      });
    });
  }

  /** The others first: this tab may close the channel because of what came. */
  #pass(message: Message<E>): void {
    this.#channel.postMessage(message);
    this.#take(message);
  }

  // Living on what another tab holds

  async #keepAsking(): Promise<void> {
    const { signal } = this.#life;
    while (!signal.aborted) {
      if (!this.#isHolder) await this.#ask(signal);
      await pause(ASK_EVERY_MS, signal);
    }
  }

  async #ask(signal: AbortSignal): Promise<void> {
    this.#isAnswered = false;
    this.#channel.postMessage({ kind: "ask", lastId: this.#listener.lastId() } satisfies Message<E>);
    await pause(ANSWER_WITHIN_MS, signal);
    if (!this.#isAnswered && !this.#isHolder && !signal.aborted) this.#standInLine({ steal: true });
  }

  #take(message: Message<E>): void {
    this.#isAnswered = true;
    if (message.kind === "event") this.#listener.event(message.event);
    if (message.kind === "refused")
      this.#listener.refused(new Refusal(message.status, message.code, message.words));
  }

  #answer(lastId: string | null): void {
    if (!this.#isHolder) return;
    const event = lastId === this.#listener.lastId() ? null : this.#listener.snapshot();
    this.#channel.postMessage((event ? { kind: "event", event } : { kind: "here" }) satisfies Message<E>);
  }
}
