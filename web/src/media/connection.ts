/**
 * Keeps one person connected to one space: opens a call, notices when it is lost, gets it back.
 *
 * After a change of network the same call looks for a new way (ICE restart). When that fails, or when the
 * server fell silent, it waits until the server is ready and calls again; the seat is kept meanwhile.
 */
import { isReady } from "../api/client";
import { Refusal } from "../api/errors";
import { pause } from "../pause";
import { Call } from "./call";
import { watchPackets } from "./liveness";

/** How long a first packet may take before the way counts as blocked (UDP closed by a firewall). */
export const NO_PATH_MS = 8_000;
/** How long a restarted path may take before a new call is the quicker way. */
const RESTART_MS = 1_500;
const READY_EVERY_MS = 250;
/** Spread over this, so that a thousand listeners do not call in the same instant. */
const JITTER_MS = 400;
/** After this long without a call the person is asked instead of the server. */
export const GIVE_UP_MS = 120_000;

export type ConnectionState =
  | "calling"
  | "connected"
  | "reconnecting"
  /** The server answers, but no packet comes through. */
  | "blocked"
  /** No server for so long that trying on by itself makes no sense. */
  | "lost"
  /** The server refuses: removed, ended, not invited. */
  | "refused"
  | "closed";

export interface ConnectionListener {
  state(state: ConnectionState): void;
  refused(refusal: Refusal): void;
  /** A new call: what it receives has to be played. */
  receiver(receiver: RTCRtpReceiver): void;
  message(text: string): void;
}

type Outcome = "connected" | "refused" | "no path" | "no answer";

class NoPath extends Error {}

export class Connection {
  state: ConnectionState = "closed";
  readonly #space: string;
  readonly #listener: ConnectionListener;
  #call: Call | null = null;
  #track: MediaStreamTrack | null = null;
  #life = new AbortController();
  /** What the current call waits for; replaced with every call. */
  #onConnected = () => {};
  #onPathLost = () => {};

  constructor(space: string, listener: ConnectionListener) {
    this.#space = space;
    this.#listener = listener;
  }

  /**
   * Start calling. Everything up to the peer connection happens before this returns, inside the tap.
   * A call that is connected plays on until the new one does.
   */
  open(): void {
    this.#life.abort();
    this.#life = new AbortController();
    void this.#keep(this.#life.signal);
  }

  /** Send `track` on this call and on every one that follows it; null sends nothing. */
  async speak(track: MediaStreamTrack | null): Promise<void> {
    this.#track = track;
    await this.#call?.speak(track);
  }

  /** The device changed its network, or came back from having none. */
  networkChanged(): void {
    this.#onPathLost();
  }

  /** Hang up for good. */
  close(): void {
    this.#call?.hangUp();
    this.drop();
  }

  /** The server has ended the call already: close this side of it. */
  drop(): void {
    this.#life.abort();
    this.#call?.close();
    this.#call = null;
    this.#become("closed");
  }

  async #keep(signal: AbortSignal): Promise<void> {
    let lostAt = this.state === "connected" ? performance.now() : null;
    while (!signal.aborted) {
      if (this.state !== "connected") this.#become(lostAt === null ? "calling" : "reconnecting");
      const outcome = await this.#dial(lostAt === null, signal);
      if (signal.aborted) return;
      if (outcome === "connected") {
        this.#become("connected");
        await this.#untilLost(signal);
        lostAt = performance.now();
      } else if (outcome === "refused") {
        return this.#end("refused");
      } else if (lostAt === null || performance.now() - lostAt > GIVE_UP_MS) {
        return this.#end(outcome === "no path" ? "blocked" : "lost");
      }
      if (signal.aborted) return;
      this.#become("reconnecting");
      if (!(await this.#untilReady(lostAt, signal))) return;
      await pause(Math.random() * JITTER_MS, signal);
    }
  }

  /** One call from the offer until packets can flow, over one that plays on or in place of one that is lost. */
  async #dial(first: boolean, signal: AbortSignal): Promise<Outcome> {
    const before = this.#call;
    const playsOn = this.state === "connected";
    if (!playsOn) before?.close();
    const call = this.#newCall();
    if (!playsOn) this.#listener.receiver(call.receiver);
    try {
      const connected = this.#untilConnected(signal);
      void call.speak(this.#track);
      await call.open(signal);
      await connected();
      if (playsOn) this.#listener.receiver(call.receiver);
      return "connected";
    } catch (error) {
      if (error instanceof NoPath) return "no path";
      if (!(error instanceof Refusal) || (!first && isPassing(error))) return "no answer";
      if (!signal.aborted) this.#listener.refused(error);
      return "refused";
    } finally {
      before?.hangUp();
    }
  }

  #newCall(): Call {
    // A call that was replaced may still have things to say; nobody waits for them any more.
    const ifCurrent = (tell: () => void) => {
      if (this.#call === call) tell();
    };
    const call: Call = new Call(this.#space, {
      connected: () => ifCurrent(this.#onConnected),
      pathLost: () => ifCurrent(this.#onPathLost),
      message: (text) => ifCurrent(() => this.#listener.message(text)),
    });
    this.#call = call;
    return call;
  }

  /** Listens from now on; the returned function waits, for at most 8 s from its own call. */
  #untilConnected(signal: AbortSignal): () => Promise<void> {
    const connected = new Promise<void>((resolve) => {
      this.#onConnected = resolve;
      this.#onPathLost = () => {};
    });
    return async () => {
      const won = await Promise.race([
        connected.then(() => true),
        pause(NO_PATH_MS, signal).then(() => false),
      ]);
      if (!won) throw new NoPath();
    };
  }

  /** Wait until the call is beyond repair, restarting its path as often as the network changes. */
  async #untilLost(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const reason = await this.#nextTrouble(signal);
      if (reason === "silence" || signal.aborted) return;
      // Often nobody hears a gap: nothing is said unless the restart fails or brings no sound.
      if (!(await this.#restartPath(signal))) return;
    }
  }

  #nextTrouble(signal: AbortSignal): Promise<"silence" | "path"> {
    return new Promise((resolve) => {
      const call = this.#call;
      if (!call) return resolve("silence");
      const stop = watchPackets(call.receiver, () => resolve("silence"));
      const end = (reason: "silence" | "path") => {
        stop();
        resolve(reason);
      };
      this.#onPathLost = () => end("path");
      signal.addEventListener("abort", () => end("silence"), { once: true });
    });
  }

  /** True when the server took the restart in time; whether sound comes is then for the watch to see. */
  async #restartPath(signal: AbortSignal): Promise<boolean> {
    this.#onPathLost = () => {};
    const restarted = this.#call?.restartPath().then(
      () => true,
      () => false,
    );
    return (await Promise.race([restarted, pause(RESTART_MS, signal)])) ?? false;
  }

  /** True as soon as the server is ready for calls; false when the person has to decide. */
  async #untilReady(lostAt: number | null, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (await isReady()) return true;
      if (lostAt !== null && performance.now() - lostAt > GIVE_UP_MS) {
        this.#end("lost");
        return false;
      }
      await pause(READY_EVERY_MS, signal);
    }
    return false;
  }

  #end(state: ConnectionState): void {
    this.#call?.hangUp();
    this.#call = null;
    this.#become(state);
  }

  #become(state: ConnectionState): void {
    if (state === this.state) return;
    this.state = state;
    this.#listener.state(state);
  }
}

/** A refusal that a moment may change: the server starts, is full of work, or was asked too often. */
function isPassing(refusal: Refusal): boolean {
  return refusal.status >= 500 || refusal.status === 429;
}
