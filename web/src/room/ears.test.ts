import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Ears, gainFor, setVolume, volumeOf } from "./ears";

describe("how loud the mix is", () => {
  it.each([
    ["one who is muted for me", [0], 1, 0],
    ["one whom I want softer", [0.4], 1, 0.4],
    ["a muted one and somebody else", [0, 1], 0, 1],
    ["two whom I want softer: as loud as the louder of them", [0.2, 0.5], 1, 0.5],
    ["nobody: as it was, so that a pause makes no step", [], 0, 0],
  ])("while it holds %s", (_, wanted, before, gain) => {
    expect(gainFor(wanted, before)).toBe(gain);
  });
});

describe("ears", () => {
  const gains: number[] = [];
  let heard: { source: number; ago: number }[] = [];
  let muted: string[] = [];
  let ears: Ears;

  beforeEach(() => {
    vi.useFakeTimers();
    gains.length = 0;
    muted = ["chidi"];
    const receiver = {
      getContributingSources: () =>
        heard.map(({ source, ago }) => ({
          source,
          timestamp: performance.timeOrigin + performance.now() - ago,
        })),
    } as unknown as RTCRtpReceiver;
    ears = new Ears({
      receiver: () => receiver,
      personAt: (source) => ({ 1: "ama", 2: "chidi" })[source] ?? null,
      isMuted: (person) => muted.includes(person),
      setGain: (gain) => gains.push(gain),
    });
    ears.follow();
  });
  afterEach(() => {
    ears.stop();
    setVolume("ama", 1);
    vi.useRealTimers();
  });

  function play(...sources: number[]): number | undefined {
    heard = sources.map((source) => ({ source, ago: 10 }));
    vi.advanceTimersByTime(100);
    return gains.at(-1);
  }

  it("fall silent while only somebody muted speaks, and open for everybody else", () => {
    expect(play(2)).toBe(0);
    expect(play(1, 2)).toBe(1);
    expect(play(2)).toBe(0);
    expect(play(1)).toBe(1);
  });

  it("do not mistake somebody unknown for somebody muted", () => {
    play(2);

    expect(play(7)).toBe(1);
  });

  it("forget a voice that was heard a while ago", () => {
    play(1);
    heard = [
      { source: 1, ago: 500 },
      { source: 2, ago: 10 },
    ];
    vi.advanceTimersByTime(100);

    expect(gains.at(-1)).toBe(0);
  });

  it("are as loud as one likes to hear each", () => {
    setVolume("ama", 0.3);

    expect(volumeOf("ama")).toBe(0.3);
    expect(play(1)).toBe(0.3);
    expect(JSON.parse(localStorage.getItem("convivium.volumes") ?? "{}")).toEqual({ ama: 0.3 });
  });

  it("open when one hears somebody again, and when the sound is over", () => {
    play(2);
    muted = [];
    expect(play(2)).toBe(1);
    muted = ["chidi"];
    play(2);
    ears.stop();

    expect(gains.at(-1)).toBe(1);
  });
});
