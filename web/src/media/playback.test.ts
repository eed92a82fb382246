import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeReceiver } from "./fake-peer";
import { Playback, type PlaybackState } from "./playback";

class FakeStream {
  constructor(readonly tracks: unknown[]) {}
}

describe("playing the mix", () => {
  const play = vi.fn();
  let states: PlaybackState[];
  let playback: Playback;
  const receiver = () => new FakeReceiver() as unknown as RTCRtpReceiver;

  beforeEach(() => {
    vi.stubGlobal("MediaStream", FakeStream);
    play.mockReset();
    play.mockResolvedValue(undefined);
    vi.spyOn(HTMLMediaElement.prototype, "play").mockImplementation(play);
    vi.spyOn(HTMLMediaElement.prototype, "pause").mockImplementation(() => {});
    states = [];
    playback = new Playback((state) => states.push(state));
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    document.body.replaceChildren();
  });

  it("uses one audio element for every call of the page's life", () => {
    playback.play(receiver());
    playback.play(receiver());

    expect(document.querySelectorAll("audio")).toHaveLength(1);
  });

  it("starts to play before the tap is over", () => {
    playback.play(receiver());

    expect(play).toHaveBeenCalledOnce();
  });

  it("asks for a tap when the browser holds the sound back, and plays after it", async () => {
    play.mockRejectedValueOnce(new DOMException("", "NotAllowedError"));
    playback.play(receiver());
    await vi.waitFor(() => expect(states).toEqual(["needs_tap"]));
    playback.resume();

    await vi.waitFor(() => expect(states).toEqual(["needs_tap", "playing"]));
  });

  it("does not take an interrupted start for a refusal", async () => {
    play.mockRejectedValueOnce(new DOMException("", "AbortError"));
    playback.play(receiver());
    playback.play(receiver());

    await vi.waitFor(() => expect(states).toEqual(["playing"]));
  });
});
