/** Voice notes as people find them: in posts, where they are recorded, and on their way. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { person, post } from "../src/api/samples";
import type { Me } from "../src/api/types";
import { voiceAddress } from "../src/screens/voice-notes/address";
import { type Answers, App, refusal } from "./page";

const BEN = { ...person("ben"), kind: "account", role: "member", listed: true, protected: false } as Me;
const levels = Array.from({ length: 64 }, (_, at) => (at % 16 < 12 ? 200 : 0));
const voice = (id: string) => ({ id, duration_ms: 43_000, levels });
const none = { items: [], next_cursor: null };
const signedIn: Answers = { "GET /me": BEN, "GET /spaces": none };

let app: App;
/** What was asked of the one element that plays. */
let asked: string[];
/** What came over the wire, and what is answered. */
let sent: Blob[];
let answers: { status: number; body: object }[];
/** What the clock of the page says, in milliseconds. */
let now: number;

class FakeRequest {
  status = 0;
  responseText = "";
  timeout = 0;
  readonly upload = { onprogress: (_: { loaded: number; total: number }) => {} };
  onload = () => {};
  open() {}
  setRequestHeader() {}
  getResponseHeader = (name: string) => (name === "content-type" ? "application/json" : null);
  send(blob: Blob) {
    sent.push(blob);
    this.upload.onprogress({ loaded: 1, total: 2 });
    const { status, body } = answers.shift() ?? { status: 201, body: { id: "v1", duration_ms: 900, levels } };
    [this.status, this.responseText] = [status, JSON.stringify(body)];
    queueMicrotask(() => this.onload());
  }
}

class FakeRecorder {
  static isTypeSupported = (kind: string) => kind.startsWith("audio/webm");
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

/** Open a page whose browser plays and records; the page's own stand-ins come before these. */
async function open(address: string, more: Answers): Promise<void> {
  await app.open(address, { ...signedIn, ...more });
  const media = HTMLMediaElement.prototype;
  vi.spyOn(media, "play").mockImplementation(function (this: HTMLMediaElement) {
    asked.push(`play ${this.getAttribute("src")}`);
    this.dispatchEvent(new Event("play"));
    return Promise.resolve();
  });
  vi.spyOn(media, "pause").mockImplementation(function (this: HTMLMediaElement) {
    asked.push("pause");
    this.dispatchEvent(new Event("pause"));
  });
  vi.spyOn(media, "load").mockImplementation(() => {});
  vi.stubGlobal("XMLHttpRequest", FakeRequest);
  vi.stubGlobal("MediaRecorder", FakeRecorder);
  vi.stubGlobal("performance", { now: () => now });
  URL.createObjectURL = () => "blob:said";
  URL.revokeObjectURL = () => {};
}

beforeEach(() => {
  app = new App();
  localStorage.clear();
  [asked, sent, answers, now] = [[], [], [], 0];
});
afterEach(async () => {
  await app.close();
  vi.restoreAllMocks();
});

const button = (name: string) => app.find("button", name);
const sliders = () => app.all("[role=slider]");
const press = async (slider: Element | undefined, key: string) => {
  slider?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  await app.settle();
};

describe("a voice note in a post", () => {
  const shown: Answers = {
    "GET /posts/p1": post("p1", { text: "Good morning", voice: voice("a") }),
    "GET /posts/p1/thread": { above: [], items: [post("p2", { voice: voice("b") })], next_cursor: null },
  };

  async function look() {
    await open("/posts/p1", shown);
    await vi.waitFor(() => expect(sliders()).toHaveLength(2), { timeout: 5_000 });
  }

  it("says how long it is, and goes by keys to where one wants to hear", async () => {
    await look();
    const [slider] = sliders();

    expect(slider?.getAttribute("aria-valuetext")).toBe("0:00 of 0:43");
    await press(slider, "ArrowRight");
    await press(slider, "PageUp");
    expect(slider?.getAttribute("aria-valuetext")).toBe("0:20 of 0:43");
    await press(slider, "ArrowLeft");
    expect(slider?.getAttribute("aria-valuenow")).toBe("15");
    await press(slider, "End");
    expect(slider?.getAttribute("aria-valuenow")).toBe("43");
    await press(slider, "Home");
    await press(slider, "ArrowLeft");
    expect(slider?.getAttribute("aria-valuenow")).toBe("0");
    expect(asked).toEqual([]);
    expect(await app.barriers()).toEqual([]);
  });

  it("is drawn as one bar for each phrase", async () => {
    await look();

    expect(sliders()[0]?.querySelectorAll("i")).toHaveLength(4);
  });

  it("is the only one that plays", async () => {
    await look();
    await press(sliders()[0], " ");
    expect(button("Pause")).toBeTruthy();
    await app.press("Play");

    expect(asked.filter((each) => each.startsWith("play"))).toEqual([
      "play /api/v1/voice-notes/a/m4a",
      "play /api/v1/voice-notes/b/m4a",
    ]);
    expect(app.all("button").filter((each) => each.getAttribute("aria-label") === "Pause")).toHaveLength(1);
    await app.press("Pause");
    expect(asked.at(-1)).toBe("pause");
  });

  it("goes faster, also the next one", async () => {
    await look();
    await app.press("Speed: 1");
    await app.press("Speed: 1.5");

    expect(app.all("button").filter((each) => each.getAttribute("aria-label") === "Speed: 2")).toHaveLength(
      2,
    );
    await app.press("Speed: 2");
    expect(button("Speed: 1")).toBeTruthy();
  });

  it("says that it cannot be played", async () => {
    await look();
    vi.mocked(HTMLMediaElement.prototype.play).mockRejectedValueOnce(
      new DOMException("", "NotSupportedError"),
    );
    await app.press("Play");

    expect(app.text).toContain("This voice note cannot be played right now.");
  });

  it("comes in the format that this browser plays", () => {
    expect(voiceAddress("x", { canPlayType: () => "probably" })).toBe("/api/v1/voice-notes/x/ogg");
    expect(voiceAddress("x", { canPlayType: () => "" })).toBe("/api/v1/voice-notes/x/m4a");
  });
});

describe("saying a post", () => {
  const home: Answers = { "GET /timeline": none };
  const recorder = () => document.querySelector('[aria-label="Your voice"]');

  async function record(more: Answers = {}, ms = 4_000) {
    await open("/", { ...home, ...more });
    await vi.waitFor(() => button("Record your voice"), { timeout: 5_000 });
    await app.press("Record your voice");
    await vi.waitFor(() => button("Start recording"), { timeout: 5_000 });
    expect(app.getUserMedia).not.toHaveBeenCalled();
    await app.press("Start recording");
    now += ms;
    await app.press("Stop recording");
  }

  it("is heard by oneself first, and posted with what was written", async () => {
    const written: string[] = [];
    await record({
      "POST /posts": (fetched) => {
        written.push(String(fetched.body));
        return Response.json(post("p9", { voice: voice("v1") }));
      },
    });
    expect(recorder()?.querySelector("[role=slider]")?.getAttribute("aria-valuetext")).toBe("0:00 of 0:04");
    expect(sent).toEqual([]);
    await app.press("Post");
    await vi.waitFor(() => expect(written).toHaveLength(1));

    expect(JSON.parse(written[0] ?? "")).toEqual({ text: "", voice: "v1" });
    expect(sent).toHaveLength(1);
    await app.settle();
    await vi.waitFor(() => expect(recorder()).toBeNull());
  });

  it("is sent once, however often posting is tried", async () => {
    let tries = 0;
    await record({ "POST /posts": () => (++tries === 1 ? refusal(503, "busy") : Response.json(post("p9"))) });
    await app.press("Post");
    await vi.waitFor(() => expect(tries).toBe(1));
    await app.settle();
    await app.press("Post");
    await vi.waitFor(() => expect(tries).toBe(2));

    expect(sent).toHaveLength(1);
  });

  it("says why the server did not take it, and keeps it", async () => {
    const problem = { code: "too_many_voice_notes", detail: "Take away a post with one first." };
    await record();
    answers = [{ status: 409, body: problem }];
    await app.press("Post");
    await vi.waitFor(() => expect(app.text).toContain("Take away a post with one first."));

    expect(recorder()?.querySelector("[role=slider]")).not.toBeNull();
  });

  it("is done again, or not at all", async () => {
    await record();
    await app.press("Record again");
    expect(button("Start recording")).toBeTruthy();
    await app.press("Do not record");

    expect(recorder()).toBeNull();
    expect(button("Post").hasAttribute("disabled")).toBe(true);
  });

  it("was too short", async () => {
    await record({}, 200);

    expect(app.text).toContain("That was too short to be heard.");
  });

  it("says why there is no microphone", async () => {
    app.getUserMedia.mockRejectedValueOnce(new DOMException("", "NotAllowedError"));
    await open("/", home);
    await vi.waitFor(() => button("Record your voice"), { timeout: 5_000 });
    await app.press("Record your voice");
    await vi.waitFor(() => button("Start recording"), { timeout: 5_000 });
    await app.press("Start recording");

    expect(app.text).toContain("Your microphone is blocked.");
    expect(button("Start recording")).toBeTruthy();
  });
});
