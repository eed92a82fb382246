/** The client of Google's libwebrtc in Node, by @roamhq/wrtc: see lines.ts. */
import wrtc from "@roamhq/wrtc";
import { serve, speak, tell, versionOf } from "./lines.ts";

const RATE_HZ = 48_000;
/** Of what the library hands out, what matters here; it has no type for it. */
interface Sound {
  samples: Int16Array;
  sampleRate: number;
  channelCount: number;
}

/** The library takes sound in pieces of 10 ms. */
const PIECE = RATE_HZ / 100;

const call = new wrtc.RTCPeerConnection();
const microphone = new wrtc.nonstandard.RTCAudioSource();
call.addTrack(microphone.createTrack());
call.ontrack = ({ track }) => {
  const sink = new wrtc.nonstandard.RTCAudioSink(track);
  sink.ondata = ({ samples, sampleRate, channelCount }: Sound) => {
    // Before the first packet it plays silence, at another rate.
    if (sampleRate !== RATE_HZ || channelCount !== 1) return;
    tell({ pcm: Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString("hex") });
  };
};
const channel = call.createDataChannel("events", { negotiated: true, id: 0 });
channel.onmessage = ({ data }) => tell({ message: String(data) });
call.onconnectionstatechange = () => tell({ state: call.connectionState });
speak((frame) => {
  const sound = new Int16Array(frame.buffer, frame.byteOffset, frame.byteLength / 2);
  for (const from of [0, PIECE]) {
    // A piece of its own: the library reads the whole buffer behind an array.
    microphone.onData({ samples: sound.slice(from, from + PIECE), sampleRate: RATE_HZ });
  }
});

async function offer(iceRestart: boolean): Promise<void> {
  const gathered = new Promise<void>((resolve) => {
    call.onicecandidate = ({ candidate }) => candidate ?? resolve();
  });
  await call.setLocalDescription(await call.createOffer({ iceRestart }));
  await gathered;
  tell({ offer: call.localDescription?.sdp, version: versionOf("@roamhq/wrtc") });
}

await offer(false);
await serve({
  answer: (sdp) => call.setRemoteDescription({ type: "answer", sdp }),
  restart: () => offer(true),
});
