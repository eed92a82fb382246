import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeTrack } from "./fake-peer";
import { ANSWER_MS, hasOriginalSound, Microphone, MicrophoneRefused, setOriginalSound } from "./microphone";

describe("the microphone", () => {
  let track: FakeTrack;
  const getUserMedia = vi.fn();
  const unplugged = vi.fn();
  let microphone: Microphone;

  beforeEach(() => {
    localStorage.clear();
    track = new FakeTrack();
    unplugged.mockReset();
    getUserMedia.mockReset();
    getUserMedia.mockResolvedValue({ getAudioTracks: () => [track], getTracks: () => [track] });
    vi.stubGlobal("navigator", { mediaDevices: { getUserMedia } });
    microphone = new Microphone();
  });

  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("is not asked for before it is needed", () => {
    expect(getUserMedia).not.toHaveBeenCalled();
  });

  it("starts silent", async () => {
    await microphone.open(false, unplugged);

    expect(track.enabled).toBe(false);
    expect(microphone.isLive).toBe(false);
  });

  it("is asked for once, however often it is opened", async () => {
    await microphone.open(false, unplugged);
    await microphone.open(false, unplugged);

    expect(getUserMedia).toHaveBeenCalledOnce();
  });

  it("cleans the sound unless this browser wants it as it is", async () => {
    await microphone.open(false, unplugged);
    microphone.close();
    setOriginalSound(true);
    await microphone.open(false, unplugged);

    const asked = getUserMedia.mock.calls.map(([constraints]) => constraints.audio.noiseSuppression);
    expect(asked).toEqual([true, false]);
  });

  it("is asked for anew for music: both ears, and nothing cleaned; whoever is heard goes on being heard", async () => {
    const old = await microphone.open(false, unplugged);
    microphone.isLive = true;
    const fresh = new FakeTrack();
    getUserMedia.mockResolvedValue({ getAudioTracks: () => [fresh], getTracks: () => [fresh] });

    await microphone.open(true, unplugged);

    expect(getUserMedia.mock.calls[1]?.[0].audio).toEqual({
      echoCancellation: false,
      noiseSuppression: false,
      autoGainControl: false,
      channelCount: 2,
    });
    expect([old.readyState, microphone.track, microphone.isLive]).toEqual(["ended", fresh, true]);
    expect(unplugged).not.toHaveBeenCalled();
  });

  it("goes on as it was when it is refused for music", async () => {
    await microphone.open(false, unplugged);
    getUserMedia.mockRejectedValue(new DOMException("", "NotReadableError"));

    await expect(microphone.open(true, unplugged)).rejects.toMatchObject({ trouble: "in_use" });
    expect([microphone.track, track.readyState]).toEqual([track, "live"]);
  });

  /** Let the next question wait for its answer, which is given with another track. */
  function question() {
    const late = new FakeTrack();
    let answer = () => {};
    const stream = { getAudioTracks: () => [late], getTracks: () => [late] };
    getUserMedia.mockReturnValueOnce(new Promise((resolve) => (answer = () => resolve(stream))));
    return { late, answer: () => answer() };
  }

  it("takes no answer to an older question in place of a newer one's", async () => {
    const { late, answer } = question();
    const older = microphone.open(false, unplugged);
    await microphone.open(true, unplugged);
    answer();

    await expect(older).rejects.toBeInstanceOf(MicrophoneRefused);
    expect([late.readyState, microphone.track, track.readyState]).toEqual(["ended", track, "live"]);
  });

  it("stays closed when it was closed before the question was answered", async () => {
    const { late, answer } = question();
    const older = microphone.open(false, unplugged);
    microphone.close();
    answer();

    await expect(older).rejects.toBeInstanceOf(MicrophoneRefused);
    expect([late.readyState, microphone.track]).toEqual(["ended", null]);
  });

  it("waits so long for an answer, says so, and gives back what comes later", async () => {
    vi.useFakeTimers();
    const { late, answer } = question();
    const opened = microphone.open(false, unplugged).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(ANSWER_MS - 1);
    const early = await Promise.race([opened, Promise.resolve("waits")]);
    await vi.advanceTimersByTimeAsync(1);

    expect(early).toBe("waits");
    expect(await opened).toMatchObject({ trouble: "unanswered" });
    answer();
    await vi.advanceTimersByTimeAsync(0);
    expect([late.readyState, microphone.track, vi.getTimerCount()]).toEqual(["ended", null, 0]);
    vi.useRealTimers();
  });

  it("reads the setting that tests and people store", () => {
    localStorage.setItem("convivium.microphone", '{"processing":"off"}');
    expect(hasOriginalSound()).toBe(true);

    localStorage.setItem("convivium.microphone", "broken");
    expect(hasOriginalSound()).toBe(false);
  });

  it.each([
    ["NotAllowedError", "denied"],
    ["SecurityError", "denied"],
    ["NotFoundError", "missing"],
    ["OverconstrainedError", "missing"],
    ["NotReadableError", "in_use"],
    ["AbortError", "in_use"],
  ])("says what %s means: %s", async (name, trouble) => {
    getUserMedia.mockRejectedValue(new DOMException("", name));

    await expect(microphone.open(false, unplugged)).rejects.toMatchObject({ trouble });
  });

  it("says that a page without https gets none", async () => {
    vi.stubGlobal("navigator", {});

    await expect(microphone.open(false, unplugged)).rejects.toMatchObject({ trouble: "insecure" });
  });

  it("gives the device back when closed, without taking that for unplugging", async () => {
    await microphone.open(false, unplugged);
    microphone.close();
    track.onended?.();

    expect(track.readyState).toBe("ended");
    expect(unplugged).not.toHaveBeenCalled();
    expect(microphone.track).toBeNull();
  });

  it("tells when it is unplugged", async () => {
    await microphone.open(false, unplugged);
    track.onended?.();

    expect(unplugged).toHaveBeenCalledOnce();
  });
});
