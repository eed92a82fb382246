/**
 * Notices that no sound comes any more.
 *
 * UDP has no hang-up: a server that was killed just falls silent. It promises a packet every 400 ms even when
 * nobody speaks, so three missing ones in a row mean that something is wrong. Where nobody has spoken for a while
 * it says so, and promises one every 2 s only (docs/protocol.md, 7).
 */
import { pause } from "../pause";
import { NOBODY } from "./voices";

export const SILENT_AFTER_MS = 1_200;
/** They come each 1.8 s. A little less than eight looks, or the ninth would be the one that counts. */
export const QUIET_AFTER_MS = 1_950;
const POLL_MS = 250;
const ROUNDED_MS = 10;
/** So long before that the packet counter is asked too, which costs more than reading a timestamp. */
const DOUBT_MS = 700;
/** How far apart looks are that have to see packets before a sound that was lost counts as back, and how many. */
const STEADY_EVERY_MS = 500;
const STEADY_LOOKS = 3;

/** What a watch saw before there was nothing more to see. */
export interface Silence {
  /** The last packet said that the next would take its time: a single one was lost, or the server. */
  wasQuiet: boolean;
  /** Whether any packet came. */
  heard: boolean;
}

/** Call `silent` once when a packet is overdue. Returns a function that ends the watch. */
export function watchPackets(receiver: RTCRtpReceiver, silent: (silence: Silence) => void): () => void {
  let stopped = false;
  let heard = false;
  let heardAt = performance.now();
  let stamp = newestStamp(receiver);
  let packets: number | null = null;

  const stop = () => {
    stopped = true;
    clearInterval(timer);
  };
  const hear = () => {
    heard = true;
    heardAt = performance.now();
  };
  const poll = async () => {
    // Only whether it moved counts: browsers differ in the clock these stamps are read from.
    const newest = newestStamp(receiver);
    if (newest !== stamp) {
      hear();
      // What was counted before has been heard by now.
      packets = null;
    }
    stamp = newest;
    const wasQuiet = isQuiet(receiver, stamp);
    // Before the first packet nobody knows whether the space is quiet: the one that says so may be lost.
    const limitMs = wasQuiet || stamp === 0 ? QUIET_AFTER_MS : SILENT_AFTER_MS;
    if (performance.now() - heardAt > limitMs - DOUBT_MS) {
      // The stamps tell of decoded sound only; the counter also sees packets that came too late for it.
      const counted = await packetsReceived(receiver);
      if (packets !== null && counted > packets) hear();
      packets = counted;
    }
    if (stopped || performance.now() - heardAt <= limitMs) return;
    stop();
    silent({ wasQuiet, heard });
  };
  const timer = setInterval(() => void poll(), POLL_MS);
  return stop;
}

/**
 * Wait for sound that has come back, and not just for a packet that was late: packets in each of several looks.
 * In a quiet space one packet is all there is to wait for.
 * False when that has not begun within `ms`, or `signal` is aborted before.
 */
export async function untilSteady(
  receiver: RTCRtpReceiver,
  ms: number,
  signal: AbortSignal,
): Promise<boolean> {
  const until = performance.now() + ms;
  let seen = await packetsReceived(receiver);
  let steady = 0;
  while (!signal.aborted) {
    const leftMs = until - performance.now();
    if (steady === 0 && leftMs <= 0) return false;
    await pause(steady === 0 ? Math.min(POLL_MS, leftMs) : STEADY_EVERY_MS, signal);
    const packets = await packetsReceived(receiver);
    steady = packets > seen ? steady + 1 : 0;
    const isBack = steady === STEADY_LOOKS || (steady > 0 && isQuiet(receiver, newestStamp(receiver)));
    if (isBack) return !signal.aborted;
    seen = packets;
  }
  return false;
}

/** Whether the packet that was played last, at `stamp`, names nobody. */
function isQuiet(receiver: RTCRtpReceiver, stamp: number): boolean {
  const nobody = receiver.getContributingSources().find((source) => source.source === NOBODY);
  // Browsers round the stamps of one packet apart from each other; the next packet comes 20 ms later at the soonest.
  return nobody !== undefined && nobody.timestamp > stamp - ROUNDED_MS;
}

/** When sound of the newest packet was played, on whatever clock the browser uses; 0 before the first. */
function newestStamp(receiver: RTCRtpReceiver): number {
  return Math.max(0, ...receiver.getSynchronizationSources().map((source) => source.timestamp));
}

async function packetsReceived(receiver: RTCRtpReceiver): Promise<number> {
  let packets = 0;
  try {
    const stats = await receiver.getStats();
    stats.forEach((entry) => {
      if (entry.type === "inbound-rtp") packets += entry.packetsReceived ?? 0;
    });
  } catch {
    // A closed connection has no statistics, and no packets either.
  }
  return packets;
}
