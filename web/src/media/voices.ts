/**
 * Who is speaking, and how loud: read from the packets themselves, many times a second, outside Svelte.
 *
 * Each packet of the mix names the contributing sources that are heard in it (RFC 3550, 5.1).
 */

/** Browsers keep sources for 10 s; one that was heard within this is speaking now. */
const SPEAKING_MS = 250;
/** 20 times a second is as fast as light has to follow a voice. */
const EVERY_MS = 50;
/** One's own voice counts as speaking from here on; below lies the noise of a room. */
const OWN_VOICE = 0.25;

/** The source that nobody is: a packet that names it says that nobody has spoken for a while. */
export const NOBODY = 0;

export interface VoicesSource {
  receiver(): RTCRtpReceiver | null;
  /** Loudness of the mix, 0..1. */
  level(): number;
  /** One's own contributing source and loudness; null without an open microphone. */
  own(): { source: number; level: number } | null;
}

export interface VoicesListener {
  /** Called when the set of people who speak has changed. */
  speaking(sources: number[]): void;
  /** Called for everybody who speaks, up to 20 times a second. */
  level(source: number, level: number): void;
}

/** Follow the voices until the returned function is called. */
export function followVoices(from: VoicesSource, listener: VoicesListener): () => void {
  let before = "";
  let readAt = 0;
  let frame = requestAnimationFrame(read);

  function read(at: number): void {
    frame = requestAnimationFrame(read);
    if (at - readAt < EVERY_MS) return;
    readAt = at;
    const levels = levelsNow(from);
    const sources = [...levels.keys()].sort((a, b) => a - b);
    if (sources.join() !== before) listener.speaking(sources);
    before = sources.join();
    for (const [source, level] of levels) listener.level(source, level);
  }

  return () => cancelAnimationFrame(frame);
}

function levelsNow(from: VoicesSource): Map<number, number> {
  const levels = new Map<number, number>();
  const mix = from.level();
  for (const source of heardNow(from.receiver())) levels.set(source, mix);
  const own = from.own();
  if (own && own.level > OWN_VOICE) levels.set(own.source, own.level);
  return levels;
}

/** The sources heard within the last 250 ms. */
export function heardNow(receiver: RTCRtpReceiver | null): number[] {
  const now = performance.timeOrigin + performance.now();
  const sources = receiver?.getContributingSources() ?? [];
  const heard = sources.filter((s) => s.source !== NOBODY && now - s.timestamp < SPEAKING_MS);
  return heard.map((s) => s.source);
}
