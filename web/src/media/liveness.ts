/**
 * Notices that no sound comes any more.
 *
 * UDP has no hang-up: a server that was killed just falls silent. It promises a packet every 400 ms even when
 * nobody speaks, so three missing ones in a row mean that something is wrong (docs/protocol.md, 7).
 */
import { pause } from "../pause";

export const SILENT_AFTER_MS = 1_200;
const POLL_MS = 250;
/** From here on the packet counter is asked too, which costs more than reading a timestamp. */
const DOUBT_AFTER_MS = 500;
/** So many looks in a row have to see packets before a sound that was lost counts as back. */
const STEADY_LOOKS = 3;

/** Call `silent` once when no packet came for 1.2 s. Returns a function that ends the watch. */
export function watchPackets(receiver: RTCRtpReceiver, silent: () => void): () => void {
  let stopped = false;
  let heardAt = performance.now();
  let stamp = newestStamp(receiver);
  let packets: number | null = null;

  const stop = () => {
    stopped = true;
    clearInterval(timer);
  };
  const poll = async () => {
    // Only whether it moved counts: browsers differ in the clock these stamps are read from.
    const newest = newestStamp(receiver);
    if (newest !== stamp) heardAt = performance.now();
    stamp = newest;
    if (performance.now() - heardAt > DOUBT_AFTER_MS) {
      // The stamps tell of decoded sound only; the counter also sees packets that came too late for it.
      const counted = await packetsReceived(receiver);
      if (packets !== null && counted > packets) heardAt = performance.now();
      packets = counted;
    }
    if (stopped || performance.now() - heardAt <= SILENT_AFTER_MS) return;
    stop();
    silent();
  };
  const timer = setInterval(() => void poll(), POLL_MS);
  return stop;
}

/**
 * Wait for sound that has come back, and not just for a packet that was late: packets in each of several looks.
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
    await pause(steady === 0 ? Math.min(POLL_MS, leftMs) : DOUBT_AFTER_MS, signal);
    const packets = await packetsReceived(receiver);
    steady = packets > seen ? steady + 1 : 0;
    if (steady === STEADY_LOOKS) return !signal.aborted;
    seen = packets;
  }
  return false;
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
