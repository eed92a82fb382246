/**
 * Keeps one person connected to one space: opens a call, notices when it is lost, gets it back.
 *
 * After a change of network the same call looks for a new way (ICE restart). When that fails, or when the
 * server fell silent, it waits until the server is ready and calls again; the seat is kept meanwhile.
 * A server that has no room yet is asked again when it says so.
 */
import { isReady, isStill } from "../api/client";
import { Refusal } from "../api/errors";
import { pause } from "../pause";
import { Call } from "./call";
import { type Silence, untilSteady, watchPackets } from "./liveness";
import { askingMs, SMALL_MS } from "./spread";

/** How long a first packet may take before the way counts as blocked (UDP closed by a firewall). */
export const NO_PATH_MS = 8_000;
/** How long a restarted path may take before a new call is the quicker way. */
const RESTART_MS = 1_500;
/** When a server that has no room does not say when to come again. */
const COME_AGAIN_MS = 1_000;
/** Longer than this nobody is sent away for, whatever the server says. */
const MOST_AWAY_MS = 120_000;
/** Between two tries over a call that plays on: in less nobody would notice that it has fallen silent. */
const LISTEN_AT_LEAST_MS = 3_000;
/** A wait is stretched by up to this part of it: those who were refused together come one by one. */
const STRETCH = 0.2;
/** After waiting so long for room the person is asked whether to go on. */
export const WAIT_AT_MOST_MS = 30 * 60_000;
/** So many signs of a quiet space may be missing in a row while the server is the same. */
const MISSED_SIGNS = 3;
/** After this long without a call the person is asked instead of the server. */
export const GIVE_UP_MS = 120_000;

export type ConnectionState =
  | "calling"
  | "connected"
  | "reconnecting"
  /** The server has no room yet, or a line at the door. */
  | "waiting"
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
  /** Not yet: why, before each new try. */
  waits(refusal: Refusal): void;
  /** Whoever lost a call waits a random part of so many milliseconds before asking for another. */
  windowMs(): number;
  /** Whether the person wants to be counted only. */
  isAnonymous?(): boolean;
  /** Whether this call is to end those of other devices; asked once for each try. */
  takesOver?(): boolean;
  /** A new call: what it receives has to be played. */
  receiver(receiver: RTCRtpReceiver): void;
  message(text: string): void;
}

type Outcome = "connected" | "refused" | "no room" | "no path" | "no answer";
type Way = "sound" | "server";
type Trouble = Silence | "path" | "over";

class NoPath extends Error {}

export class Connection {
  state: ConnectionState = "closed";
  readonly #space: string;
  readonly #listener: ConnectionListener;
  #call: Call | null = null;
  /** What plays on while the current call is not let in yet. */
  #before: Call | null = null;
  #track: MediaStreamTrack | null = null;
  #music = false;
  /** What the last try was answered, if it was refused. */
  #refusal: Refusal | null = null;
  /** The place in line, which other refusals meanwhile do not take away. */
  #ticket: string | null = null;
  /** Since when there has been no room. */
  #waitsSince: number | null = null;
  #life = new AbortController();
  /** What the current call waits for; replaced with every call. */
  #onConnected = () => {};
  #onPathLost = () => {};
  #onNetworkChanged = () => {};

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

  /** Send music, or a voice, on this call and on every one that follows it. */
  async sendMusic(music: boolean): Promise<void> {
    this.#music = music;
    // A call on its way asks for it when it is answered; one that is closing has nothing to send.
    await this.#call?.sendMusic(music).catch(() => undefined);
  }

  /** Send `text` on the data channel; false when there is none open. */
  say(text: string): boolean {
    return this.#call?.say(text) ?? false;
  }

  /** The device changed its network, or came back from having none. */
  networkChanged(): void {
    this.#onNetworkChanged();
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
    let lostAt: number | null = null;
    this.#waitsSince = null;
    if (this.state === "connected") {
      lostAt = await this.#callOver(signal);
      if (lostAt === null) return;
    }
    while (!signal.aborted) {
      if (this.state !== "waiting") this.#become(lostAt === null ? "calling" : "reconnecting");
      const outcome = await this.#dial(signal);
      if (signal.aborted) return;
      if (outcome === "refused") return this.#end("refused");
      if (outcome === "no room") {
        if (!(await this.#untilRoom(signal))) return;
        if (lostAt !== null) lostAt = performance.now();
        continue;
      }
      if (outcome === "no answer" && this.state === "waiting" && this.#stillWaits()) {
        await pause(COME_AGAIN_MS + Math.random() * this.#listener.windowMs(), signal);
        continue;
      }
      this.#waitsSince = null;
      if (outcome === "connected") {
        lostAt = await this.#stay(signal);
        if (lostAt === null) return;
        continue;
      }
      if (lostAt === null || performance.now() - lostAt > GIVE_UP_MS)
        return this.#end(outcome === "no path" ? "blocked" : "lost");
      this.#become("reconnecting");
      if ((await this.#wayBack(lostAt, signal)) === null) return;
    }
  }

  /** Stay with a call as long as it has sound. Gives when it was lost, once the server is ready for another; null when it is over. */
  async #stay(signal: AbortSignal): Promise<number | null> {
    for (;;) {
      this.#become("connected");
      await this.#untilLost(signal);
      if (signal.aborted) return null;
      const lostAt = performance.now();
      this.#become("reconnecting");
      const way = await this.#wayBack(lostAt, signal);
      if (way !== "sound") return way === null ? null : lostAt;
    }
  }

  /**
   * A new call over one that plays on until it is let in, whatever that has to wait for.
   * Gives when the call was lost with which one stayed in the end; null when it is over.
   */
  async #callOver(signal: AbortSignal): Promise<number | null> {
    const since = performance.now();
    while (!signal.aborted) {
      const outcome = await this.#dial(signal);
      if (signal.aborted) return null;
      if (outcome === "connected") return this.#stay(signal);
      if (outcome === "refused") {
        this.#end("refused");
        return null;
      }
      if (performance.now() - since > WAIT_AT_MOST_MS) return this.#stay(signal);
      const turn = new AbortController();
      const ms = Math.max(LISTEN_AT_LEAST_MS, awayMs(outcome === "no room" ? this.#refusal : null));
      void pause(ms, signal).then(() => turn.abort());
      const lostAt = await this.#stay(turn.signal);
      if (lostAt !== null) return lostAt;
      if (this.state !== "connected" && !signal.aborted) return performance.now();
    }
    return null;
  }

  /** One call from the offer until packets can flow, over one that plays on or in place of one that is lost. */
  async #dial(signal: AbortSignal): Promise<Outcome> {
    const before = this.#call;
    const playsOn = this.state === "connected";
    this.#before = playsOn ? before : null;
    if (!playsOn) before?.close();
    const call = this.#newCall();
    if (!playsOn) this.#listener.receiver(call.receiver);
    let outcome: Outcome;
    try {
      const connected = this.#untilConnected(signal);
      void call.speak(this.#track);
      const isAnonymous = this.#listener.isAnonymous?.() ?? false;
      const takesOver = this.#listener.takesOver?.() ?? false;
      await call.open({ ticket: this.#ticket, isAnonymous, takesOver }, signal);
      void call.sendMusic(this.#music).catch(() => undefined);
      this.#refusal = null;
      this.#ticket = null;
      await connected();
      if (playsOn) this.#listener.receiver(call.receiver);
      outcome = "connected";
    } catch (error) {
      outcome = this.#failure(error, signal);
    }
    this.#before = null;
    if (outcome !== "connected" && playsOn) {
      call.hangUp();
      this.#call = before;
    } else before?.hangUp();
    return outcome;
  }

  #failure(error: unknown, signal: AbortSignal): Outcome {
    if (error instanceof NoPath) return "no path";
    if (!(error instanceof Refusal)) return "no answer";
    this.#refusal = error;
    this.#ticket = error.ticket ?? this.#ticket;
    if (hasNoRoom(error)) return "no room";
    if (error.status >= 500 && this.state !== "calling") return "no answer";
    if (!signal.aborted) this.#listener.refused(error);
    return "refused";
  }

  /** Wait as long as the server says; false when that has been going on for too long, or is over. */
  async #untilRoom(signal: AbortSignal): Promise<boolean> {
    const refusal = this.#refusal;
    if (!refusal) return true;
    this.#waitsSince ??= performance.now();
    if (!this.#stillWaits()) {
      this.#listener.refused(refusal);
      this.#end("refused");
      return false;
    }
    this.#become("waiting");
    this.#listener.waits(refusal);
    await pause(awayMs(refusal), signal);
    return !signal.aborted;
  }

  /** Whether waiting for room has not gone on for too long. */
  #stillWaits(): boolean {
    return this.#waitsSince !== null && performance.now() - this.#waitsSince <= WAIT_AT_MOST_MS;
  }

  #newCall(): Call {
    // A call that was replaced may still have things to say; nobody waits for them any more.
    const ifCurrent = (tell: () => void) => {
      if (this.#call === call) tell();
    };
    const call: Call = new Call(this.#space, {
      connected: () => ifCurrent(this.#onConnected),
      pathLost: () => ifCurrent(this.#onPathLost),
      message: (text) => {
        if (this.#call === call || this.#before === call) this.#listener.message(text);
      },
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

  /**
   * Wait until the call is beyond repair, restarting its path as often as the network changes. Often nobody hears
   * a gap: nothing is said unless that fails or brings no sound.
   */
  async #untilLost(signal: AbortSignal): Promise<void> {
    let missed = 0;
    let hasMoved = false;
    while (!signal.aborted) {
      const trouble = hasMoved ? "path" : await this.#nextTrouble(signal);
      if (trouble === "over" || signal.aborted) return;
      if (trouble === "path") {
        hasMoved = false;
        // A restart that began on a network which is left by now is followed by another.
        this.#onNetworkChanged = () => {
          hasMoved = true;
        };
        if (!(await this.#restartPath(signal)) && !hasMoved) return;
        continue;
      }
      missed = trouble.heard ? 1 : missed + 1;
      if (!trouble.wasQuiet || missed >= MISSED_SIGNS) return;
      // A device that moves while it asks may have asked on the network it left.
      this.#onPathLost = () => {
        hasMoved = true;
      };
      if (!(await this.#stands(signal)) && !hasMoved) return;
    }
  }

  #nextTrouble(signal: AbortSignal): Promise<Trouble> {
    return new Promise((resolve) => {
      const call = this.#call;
      if (!call) return resolve("over");
      const stop = watchPackets(call.receiver, resolve);
      const end = (trouble: Trouble) => {
        stop();
        resolve(trouble);
      };
      this.#onPathLost = () => end("path");
      signal.addEventListener("abort", () => end("over"), { once: true });
    });
  }

  /**
   * Whether a quiet call goes on: a packet comes, or the server is still the one that answered it. In a large
   * audience each asks at a random moment, as all miss the same packet when the server stands still.
   */
  async #stands(signal: AbortSignal): Promise<boolean> {
    const askMs = askingMs(this.#listener.windowMs()) ?? 0;
    if (await this.#soundIsBack(Math.random() * askMs, signal)) return true;
    return isStill(this.#call?.life ?? null);
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

  /**
   * Wait for sound on the lost call, or for a server that is ready for another; null when the person has to decide.
   * Each asks at a random moment of a window, again and again. Whoever has lost the server alone does not wait for
   * a crowd: that is asked first, and once more when this device has another network.
   */
  async #wayBack(lostAt: number, signal: AbortSignal): Promise<Way | null> {
    let asks = true;
    while (!signal.aborted) {
      const windowMs = this.#listener.windowMs();
      const askMs = asks ? askingMs(windowMs) : null;
      const changed = this.#untilChanged(signal);
      if (await this.#soundIsBack(Math.random() * (askMs ?? windowMs), changed)) return "sound";
      if (signal.aborted) break;
      asks = changed.aborted;
      if (askMs !== null && (await isStill(this.#call?.life ?? null)))
        // If all had lost it, for the blink of an eye, sound is back by now.
        return (await this.#soundIsBack(SMALL_MS, signal)) ? "sound" : "server";
      if (askMs !== null || asks) continue;
      if (await isReady()) return "server";
      if (performance.now() - lostAt > GIVE_UP_MS) {
        this.#end("lost");
        break;
      }
    }
    return null;
  }

  /** Aborted with `signal`, and when the device has changed its network. */
  #untilChanged(signal: AbortSignal): AbortSignal {
    const changed = new AbortController();
    this.#onNetworkChanged = () => changed.abort();
    return AbortSignal.any([signal, changed.signal]);
  }

  /** Whether packets come again within `ms`, and go on coming. */
  async #soundIsBack(ms: number, signal: AbortSignal): Promise<boolean> {
    if (this.#call) return untilSteady(this.#call.receiver, ms, signal);
    await pause(ms, signal);
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

/** How long to stay away before asking again for room: as long as the server says. */
function awayMs(refusal: Refusal | null): number {
  const said = refusal?.retryAfterSeconds ?? null;
  const saidMs = said === null ? COME_AGAIN_MS : said * 1_000;
  return Math.min(saidMs, MOST_AWAY_MS) * (1 + Math.random() * STRETCH);
}

/** A refusal that a moment may change: the server is full or busy, or was asked too often. */
function hasNoRoom(refusal: Refusal): boolean {
  return refusal.status === 503 || refusal.status === 429;
}
