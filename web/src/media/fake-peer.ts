/**
 * A browser's WebRTC as far as this page uses it, for tests: peers do nothing by themselves, the test says
 * when ICE connects, when packets come and when they stop.
 */

export class FakeTrack extends EventTarget {
  readonly kind = "audio";
  enabled = true;
  readyState: "live" | "ended" = "live";
  onended: (() => void) | null = null;

  stop(): void {
    this.readyState = "ended";
  }
}

export class FakeReceiver {
  readonly track = new FakeTrack();
  packets = 0;
  timestamp = 0;
  contributing: { source: number; timestamp: number }[] = [];

  getSynchronizationSources() {
    return this.timestamp ? [{ source: 1, timestamp: this.timestamp }] : [];
  }

  getContributingSources() {
    return this.contributing;
  }

  getStats() {
    return Promise.resolve(new Map([["in", { type: "inbound-rtp", packetsReceived: this.packets }]]));
  }

  /** One packet arrives and its sound is played. */
  hear(): void {
    this.packets++;
    this.timestamp = performance.timeOrigin + performance.now();
  }

  /** One packet of a quiet space arrives and is played. */
  hearNobody(): void {
    this.hear();
    this.contributing = [{ source: 0, timestamp: this.timestamp + 1 }];
  }

  /** One packet arrives too late to be played. */
  hearLate(): void {
    this.packets++;
  }
}

export class FakePeer {
  /** Every peer made, in order. */
  static made: FakePeer[] = [];

  readonly receiver = new FakeReceiver();
  readonly sent: unknown[] = [];
  readonly channels: {
    label: string;
    options: unknown;
    onmessage: ((event: { data: unknown }) => void) | null;
    readyState: string;
  }[] = [];
  /** What was said on the data channel; it is open when a test says so. */
  readonly said: string[] = [];
  readonly transceivers: { kind: string; options: unknown }[] = [];
  iceConnectionState = "new";
  oniceconnectionstatechange: (() => void) | null = null;
  localDescription: { sdp: string } | null = null;
  /** Every offer that was set, in order. */
  readonly offered: string[] = [];
  remoteDescription: { sdp: string } | null = null;
  isClosed = false;
  #offers = 0;

  constructor() {
    FakePeer.made.push(this);
  }

  addTransceiver(kind: string, options: unknown) {
    this.transceivers.push({ kind, options });
    const sender = {
      replaceTrack: (track: unknown) => {
        this.sent.push(track);
        return Promise.resolve();
      },
    };
    return { receiver: this.receiver, sender, setCodecPreferences: () => {} };
  }

  createDataChannel(label: string, options: unknown) {
    const send = (text: string) => this.said.push(text);
    const channel = { label, options, onmessage: null, readyState: "connecting", send };
    this.channels.push(channel);
    return channel;
  }

  createOffer() {
    this.#offers++;
    const lines = [
      "v=0",
      "m=audio 9 UDP/TLS/RTP/SAVPF 111",
      `a=ice-ufrag:u${this.#offers}`,
      `a=ice-pwd:p${this.#offers}`,
      "a=rtpmap:111 opus/48000/2",
      "a=fmtp:111 minptime=10;useinbandfec=1",
    ];
    return Promise.resolve({ type: "offer", sdp: [...lines, "a=mid:0", ""].join("\r\n") });
  }

  async setLocalDescription(description?: { sdp: string }) {
    this.localDescription = description ?? (await this.createOffer());
    this.offered.push(this.localDescription.sdp);
  }

  setRemoteDescription(description: { sdp: string }) {
    this.remoteDescription = description;
    return Promise.resolve();
  }

  close(): void {
    this.isClosed = true;
  }

  /** ICE goes into `state`. */
  ice(state: string): void {
    this.iceConnectionState = state;
    this.oniceconnectionstatechange?.();
  }

  /** The server sends `text` on the data channel. */
  message(text: unknown): void {
    this.channels[0]?.onmessage?.({ data: text });
  }
}

/** The newest peer; there has to be one. */
export function newestPeer(): FakePeer {
  const peer = FakePeer.made.at(-1);
  if (!peer) throw new Error("No peer was made.");
  return peer;
}

export const FakeCapabilities = {
  getCapabilities: () => ({ codecs: [{ mimeType: "audio/opus" }, { mimeType: "audio/red" }] }),
};
