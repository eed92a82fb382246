/** The client of libdatachannel, by node-datachannel: see lines.ts. */
import library from "node-datachannel";
import { serve, speak, tell } from "./lines.ts";
import { payloadOf, rtp } from "./rtp.ts";

const SSRC = 0x1dc;
const OPUS = 111;

const call = new library.PeerConnection("client", { iceServers: [], disableAutoNegotiation: true });
const audio = new library.Audio("audio", "SendRecv");
audio.addOpusCodec(OPUS);
audio.addSSRC(SSRC, "client");
const track = call.addTrack(audio);
track.onOpen(() =>
  speak((packet, number) => {
    // The server may have ended the call: a closed track throws.
    if (track.isOpen()) track.sendMessageBinary(rtp(packet, number, OPUS, SSRC));
  }),
);
track.onMessage((packet) => {
  const opus = payloadOf(packet);
  if (opus) tell({ opus: opus.toString("hex") });
});
const channel = call.createDataChannel("events", { negotiated: true, id: 0 });
channel.onMessage((message) => tell({ message: message.toString() }));
call.onStateChange((state) => tell({ state }));
call.onGatheringStateChange((state) => {
  if (state === "complete")
    tell({ offer: call.localDescription()?.sdp, version: library.getLibraryVersion() });
});
call.setLocalDescription("offer");

await serve({
  answer: (sdp) => call.setRemoteDescription(sdp, "answer"),
  restart: () => tell({ unable: "it has no ICE restart" }),
});
