import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeReceiver } from "./fake-peer";
import { levelOf } from "./meter";
import { followVoices, heardNow } from "./voices";

const now = () => performance.timeOrigin + performance.now();

describe("who speaks", () => {
  let receiver: FakeReceiver;
  let own: { source: number; level: number } | null;
  const speaking = vi.fn();
  const level = vi.fn();
  let stop = () => {};

  beforeEach(() => {
    vi.useFakeTimers();
    receiver = new FakeReceiver();
    own = null;
    speaking.mockReset();
    level.mockReset();
    const asReceiver = receiver as unknown as RTCRtpReceiver;
    stop = followVoices(
      { receiver: () => asReceiver, level: () => 0.5, own: () => own },
      { speaking, level },
    );
  });

  afterEach(() => {
    stop();
    vi.useRealTimers();
  });

  it("are the sources heard within a quarter of a second, not those browsers still remember", () => {
    receiver.contributing = [
      { source: 7, timestamp: now() - 20 },
      { source: 9, timestamp: now() - 3_000 },
    ];

    expect(heardNow(receiver as unknown as RTCRtpReceiver)).toEqual([7]);
  });

  it("is nobody where a packet names nobody", () => {
    receiver.contributing = [{ source: 0, timestamp: now() - 20 }];

    expect(heardNow(receiver as unknown as RTCRtpReceiver)).toEqual([]);
  });

  it("is nobody without a call", () => {
    expect(heardNow(null)).toEqual([]);
  });

  it("is told once for each change, and the level many times", () => {
    receiver.contributing = [{ source: 7, timestamp: now() + 10_000 }];
    vi.advanceTimersByTime(500);
    receiver.contributing = [];
    vi.advanceTimersByTime(500);

    expect(speaking.mock.calls).toEqual([[[7]], [[]]]);
    expect(level.mock.calls.length).toBeGreaterThanOrEqual(5);
    expect(level.mock.calls.length).toBeLessThanOrEqual(11);
  });

  it("includes oneself while one is loud enough: the mix one hears leaves oneself out", () => {
    own = { source: 3, level: 0.1 };
    vi.advanceTimersByTime(200);
    expect(speaking).not.toHaveBeenCalled();

    own = { source: 3, level: 0.8 };
    vi.advanceTimersByTime(200);

    expect(speaking.mock.calls).toEqual([[[3]]]);
    expect(level).toHaveBeenCalledWith(3, 0.8);
  });

  it("is told to nobody after the end", () => {
    stop();
    receiver.contributing = [{ source: 7, timestamp: now() + 10_000 }];
    vi.advanceTimersByTime(500);

    expect(speaking).not.toHaveBeenCalled();
  });
});

describe("how loud", () => {
  const tone = (amplitude: number) =>
    Float32Array.from({ length: 1_024 }, (_, i) => amplitude * Math.sin(i / 5));

  it("is 0 for silence and 1 for a full voice", () => {
    expect(levelOf(new Float32Array(1_024))).toBe(0);
    expect(levelOf(tone(1))).toBe(1);
  });

  it("rises with the voice", () => {
    expect(levelOf(tone(0.02))).toBeLessThan(levelOf(tone(0.1)));
  });
});
