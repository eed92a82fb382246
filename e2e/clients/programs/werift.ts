/** The client of werift: see lines.ts. */
import { MediaStreamTrack, RTCPeerConnection } from "werift";
import { serve, speak, tell, versionOf } from "./lines.ts";
import { rtp } from "./rtp.ts";

const SSRC = 0xef7;

const call = new RTCPeerConnection({ iceServers: [] });
const microphone = new MediaStreamTrack({ kind: "audio" });
const transceiver = call.addTransceiver(microphone, { direction: "sendrecv" });
transceiver.onTrack.subscribe((track) => {
  track.onReceiveRtp.subscribe(({ payload }) => tell({ opus: payload.toString("hex") }));
});
const channel = call.createDataChannel("events", { negotiated: true, id: 0 });
channel.onMessage.subscribe((message) => tell({ message: message.toString() }));
call.connectionStateChange.subscribe((state) => {
  tell({ state });
  // The library puts its own payload type and SSRC into each packet.
  if (state === "connected") speak((packet, number) => microphone.writeRtp(rtp(packet, number, 0, SSRC)));
});

async function offer(iceRestart: boolean): Promise<void> {
  await call.setLocalDescription(await call.createOffer({ iceRestart }));
  tell({ offer: call.localDescription?.sdp, version: versionOf("werift") });
}

await offer(false);
await serve({
  answer: (sdp) => call.setRemoteDescription({ type: "answer", sdp }),
  restart: () => offer(true),
});
