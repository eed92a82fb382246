/**
 * One call: one RTCPeerConnection from the offer to its end.
 *
 * The sendrecv audio transceiver and the data channel are there from the first offer, so that a listener
 * becomes a speaker by a track alone and nothing is ever negotiated with the server again (docs/protocol.md, 4).
 * Keeping a call alive across lost networks and servers is the business of connection.ts.
 */
import { type Entry, endCall, postCall, restartCall } from "../api/client";
import { answerAfterRestart, answerAsking, offerOfStereo, restartFragment } from "./sdp";

export interface CallListener {
  /** Packets can flow: ICE found a way to the server. */
  connected(): void;
  /** ICE reports the way as lost, which takes it several seconds to notice. */
  pathLost(): void;
  /** One live event, as text. */
  message(text: string): void;
}

export class Call {
  readonly #peer: RTCPeerConnection;
  readonly #audio: RTCRtpTransceiver;
  readonly #events: RTCDataChannel;
  readonly #space: string;
  #address: string | null = null;
  /** The run of the server that answered. */
  life: string | null = null;
  /** What descriptions are being exchanged: one exchange at a time. */
  #exchange: Promise<unknown> = Promise.resolve();

  constructor(space: string, listener: CallListener) {
    this.#space = space;
    this.#peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.#audio = this.#peer.addTransceiver("audio", { direction: "sendrecv" });
    preferOpus(this.#audio);
    this.#events = this.#peer.createDataChannel("events", { negotiated: true, id: 0 });
    this.#events.onmessage = ({ data }) => {
      if (typeof data === "string") listener.message(data);
    };
    this.#peer.oniceconnectionstatechange = () => this.#tell(listener);
  }

  /** The received side: packets, contributing sources and the track to play. */
  get receiver(): RTCRtpReceiver {
    return this.#audio.receiver;
  }

  /** Offer the call to the server. Throws `Refusal` or `Unreachable`; `connected` follows the answer. */
  async open(entry: Entry, signal: AbortSignal): Promise<void> {
    await this.#offer();
    // No waiting for candidates: the server is ICE-lite and learns this side's address from its checks.
    const offer = this.#peer.localDescription?.sdp ?? "";
    const { sdp, address, life } = await postCall(this.#space, offer, entry, signal);
    this.#address = address;
    this.life = life;
    if (signal.aborted) return this.hangUp();
    await this.#peer.setRemoteDescription({ type: "answer", sdp });
  }

  /** Send `track`, or nothing. Whether anybody hears it is decided by the server. */
  async speak(track: MediaStreamTrack | null): Promise<void> {
    await this.#audio.sender.replaceTrack(track);
  }

  /**
   * Send music in stereo, or a voice. The server takes both at any time, so it is not asked: this side hears
   * its own answer to its own offer.
   */
  sendMusic(music: boolean): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#peer.remoteDescription?.sdp;
      const sdp = before && answerAsking(before, music);
      if (!sdp || sdp === before) return;
      await this.#offer();
      await this.#peer.setRemoteDescription({ type: "answer", sdp });
    });
  }

  /** Send `text` on the data channel; false when it is not open. */
  say(text: string): boolean {
    const isOpen = this.#events.readyState === "open";
    if (isOpen) this.#events.send(text);
    return isOpen;
  }

  /** Look for a new way to the same call (RFC 9725, 4.3.3). Throws when the server knows no such call. */
  restartPath(): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#peer.remoteDescription?.sdp;
      if (!this.#address || !before) throw new Error("There is no answered call to restart.");
      const offer = await this.#offer({ iceRestart: true });
      const fragment = await restartCall(this.#address, restartFragment(offer));
      await this.#peer.setRemoteDescription({ type: "answer", sdp: answerAfterRestart(before, fragment) });
    });
  }

  async #offer(options?: RTCOfferOptions): Promise<string> {
    const { sdp = "" } = await this.#peer.createOffer(options);
    const offer = offerOfStereo(sdp);
    await this.#peer.setLocalDescription({ type: "offer", sdp: offer });
    return offer;
  }

  #inTurn(exchange: () => Promise<void>): Promise<void> {
    const done = this.#exchange.then(exchange);
    this.#exchange = done.catch(() => undefined);
    return done;
  }

  /** Close this side at once, without a word to the server. */
  close(): void {
    this.#peer.oniceconnectionstatechange = null;
    this.#peer.close();
  }

  /** Close this side and tell the server, which may be away: then it notices by itself. */
  hangUp(): void {
    this.close();
    const address = this.#address;
    this.#address = null;
    if (address) endCall(address).catch(() => undefined);
  }

  #tell(listener: CallListener): void {
    const state = this.#peer.iceConnectionState;
    if (state === "connected" || state === "completed") listener.connected();
    if (state === "disconnected" || state === "failed") listener.pathLost();
  }
}

/** Offer Opus alone: the server mixes nothing else, and a short offer is a quick one. */
function preferOpus(audio: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities("audio")?.codecs ?? [];
  const opus = codecs.filter((codec) => codec.mimeType.toLowerCase() === "audio/opus");
  if (opus.length > 0) audio.setCodecPreferences(opus);
}
