/** The sound of a room comes before voice notes: played, and recorded. */
import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { call } from "./fake-room.svelte";
import { player } from "./player.svelte";
import { LONGEST_MS, Recorder, type Spoken } from "./recorder.svelte";

vi.mock("../../room/current.svelte", () => import("./fake-room.svelte"));

class FakeRecorder {
  static isTypeSupported = () => true;
  state = "inactive";
  mimeType = "audio/webm";
  ondataavailable = (_: { data: Blob }) => {};
  onstop: (() => void) | null = null;
  start() {
    this.state = "recording";
  }
  stop() {
    this.state = "inactive";
    this.ondataavailable({ data: new Blob(["said"]) });
    this.onstop?.();
  }
}

let played: HTMLAudioElement[];
/** The microphone, and whether it was given back. */
let track: { enabled: boolean; readyState: string; onended: (() => void) | null; stop(): void };
let said: Spoken[];

beforeEach(() => {
  [played, said] = [[], []];
  call.room = null;
  track = {
    enabled: false,
    readyState: "live",
    onended: null,
    stop() {
      this.readyState = "ended";
    },
  };
  vi.useFakeTimers();
  vi.spyOn(HTMLMediaElement.prototype, "play").mockImplementation(function (this: HTMLMediaElement) {
    played.push(this as HTMLAudioElement);
    this.dispatchEvent(new Event("play"));
    return Promise.resolve();
  });
  vi.spyOn(HTMLMediaElement.prototype, "pause").mockImplementation(function (this: HTMLMediaElement) {
    this.dispatchEvent(new Event("pause"));
  });
  vi.spyOn(HTMLMediaElement.prototype, "load").mockImplementation(() => {});
  vi.stubGlobal("MediaRecorder", FakeRecorder);
  vi.stubGlobal(
    "MediaStream",
    class {
      getAudioTracks = () => [];
    },
  );
  const getUserMedia = () => Promise.resolve({ getAudioTracks: () => [track], getTracks: () => [track] });
  Object.defineProperty(navigator, "mediaDevices", { value: { getUserMedia }, configurable: true });
  URL.createObjectURL = () => "blob:said";
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("a note that plays", () => {
  it("stops when one goes into a space", async () => {
    await player.play("/a");
    expect(player.isOn("/a")).toBe(true);
    call.room = { voice: { isOpen: false } };
    flushSync();

    expect(player.isOn("/a")).toBe(false);
  });

  it("is soft inside a space, and as loud as ever outside", async () => {
    call.room = { voice: { isOpen: false } };
    flushSync();
    await player.play("/a");
    expect(played.at(-1)?.volume).toBe(0.4);
    call.room = null;
    flushSync();
    await player.play("/a");

    expect(played.at(-1)?.volume).toBe(1);
  });
});

describe("recording", () => {
  async function begun(): Promise<Recorder> {
    const recorder = new Recorder((spoken) => said.push(spoken));
    await recorder.start();
    return recorder;
  }

  it("does not begin while one is heard in a space", async () => {
    call.room = { voice: { isOpen: true } };
    const recorder = await begun();

    expect([recorder.state, recorder.trouble]).toEqual(["idle", "on_air"]);
    expect(track.enabled).toBe(false);
  });

  it("ends when one begins to be heard in a space, and keeps what was said", async () => {
    const recorder = await begun();
    vi.advanceTimersByTime(3_000);
    call.room = { voice: { isOpen: true } };
    vi.advanceTimersByTime(200);

    expect(recorder.state).toBe("idle");
    expect(said).toHaveLength(1);
    expect(track.readyState).toBe("ended");
  });

  it("ends by itself when there is no time left", async () => {
    const recorder = await begun();
    vi.advanceTimersByTime(LONGEST_MS - 200);
    expect(recorder.state).toBe("recording");
    vi.advanceTimersByTime(400);

    expect(recorder.state).toBe("idle");
    expect(said[0]?.durationMs).toBeLessThan(LONGEST_MS + 200);
    expect(said[0]?.levels).toHaveLength(64);
  });

  it("gives the microphone back, and tells nobody, when one goes away", async () => {
    const recorder = await begun();
    vi.advanceTimersByTime(3_000);
    recorder.leave();

    expect(track.readyState).toBe("ended");
    expect(said).toEqual([]);
  });

  it("keeps what was said when the microphone is unplugged", async () => {
    const recorder = await begun();
    vi.advanceTimersByTime(3_000);
    track.onended?.();

    expect(recorder.trouble).toBe("unplugged");
    expect(said).toHaveLength(1);
  });
});
