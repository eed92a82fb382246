import { describe, expect, it } from "vitest";
import { answerAfterRestart, answerAsking, offerOfStereo, restartFragment } from "./sdp";

const OFFER = [
  "v=0",
  "a=group:BUNDLE 0 1",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111",
  "a=ice-ufrag:new",
  "a=ice-pwd:newpassword",
  "a=mid:0",
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
  "a=ice-ufrag:new",
  "a=ice-pwd:newpassword",
  "a=mid:1",
  "",
].join("\r\n");

const ANSWER = [
  "v=0",
  "a=ice-lite",
  "m=audio 7882 UDP/TLS/RTP/SAVPF 111",
  "a=candidate:old 1 udp 1 10.0.0.1 7882 typ host",
  "a=ice-ufrag:before",
  "a=ice-pwd:passwordbefore",
  "a=setup:passive",
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
  "a=ice-ufrag:before",
  "a=ice-pwd:passwordbefore",
  "",
].join("\r\n");

describe("the SDP of an ICE restart", () => {
  it("sends the new name and password under the first m-line (RFC 9725, 4.3.3)", () => {
    expect(restartFragment(OFFER).split("\r\n")).toEqual([
      "m=audio 9 UDP/TLS/RTP/SAVPF 111",
      "a=mid:0",
      "a=ice-ufrag:new",
      "a=ice-pwd:newpassword",
      "",
    ]);
  });

  it("takes the server's new name, password and candidates into every m-line of the old answer", () => {
    const fragment =
      "a=ice-ufrag:after\r\na=ice-pwd:passwordafter\r\na=candidate:new 1 udp 1 10.0.0.2 7882 typ host\r\n";
    const lines = answerAfterRestart(ANSWER, fragment).split("\r\n");

    expect(lines.filter((line) => line === "a=ice-ufrag:after")).toHaveLength(2);
    expect(lines.filter((line) => line === "a=ice-pwd:passwordafter")).toHaveLength(2);
    expect(lines.filter((line) => line.includes("before"))).toEqual([]);
    expect(lines.filter((line) => line.startsWith("a=candidate:"))).toEqual(
      Array(2).fill("a=candidate:new 1 udp 1 10.0.0.2 7882 typ host"),
    );
    expect(lines).toContain("a=setup:passive");
  });

  it("keeps the old candidates when the server sends none", () => {
    const fragment = "a=ice-ufrag:after\r\na=ice-pwd:passwordafter\r\n";

    expect(answerAfterRestart(ANSWER, fragment)).toContain("a=candidate:old");
  });
});

describe("the parameters of Opus", () => {
  const section = (parameters: string) =>
    ["m=audio 9 UDP/TLS/RTP/SAVPF 111 63", "a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111"].join("\r\n") +
    `\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 ${parameters}\r\n`;
  const VOICE = "minptime=10;useinbandfec=1;usedtx=1;stereo=0;maxaveragebitrate=32000";

  it("of an offer say that this side hears in stereo, and keep what else is said", () => {
    const offer = offerOfStereo(section("minptime=10;useinbandfec=1"));

    expect(offer).toBe(section("minptime=10;useinbandfec=1;stereo=1"));
    expect(offerOfStereo(offer)).toBe(offer);
  });

  it("of an answer ask for music, and for a voice again as the server does", () => {
    const music = answerAsking(section(VOICE), true);

    expect(music).toBe(section("minptime=10;useinbandfec=0;usedtx=0;stereo=1;maxaveragebitrate=128000"));
    expect(answerAsking(music, true)).toBe(music);
    expect(answerAsking(music, false)).toBe(section(VOICE));
  });

  it("are left alone where there is no Opus", () => {
    expect(offerOfStereo(OFFER)).toBe(OFFER);
  });
});
