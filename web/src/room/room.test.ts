import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { card, event, person, request, seat, snapshot, space, you } from "../api/samples";
import type { EventData, EventType, Snapshot } from "../api/types";
import { WAIT_AT_MOST_MS } from "../media/connection";
import { FakeCapabilities, FakePeer, FakeTrack, newestPeer } from "../media/fake-peer";
import { FakeServer } from "../media/fake-server";
import { Room } from "./room.svelte";

const toasts: string[] = [];
/** Those that were taken away before their time. */
const takenAway: string[] = [];
vi.mock("../ui/toasts.svelte", () => ({
  toast: ({ text }: { text: string }) => {
    toasts.push(text);
    return () => takenAway.push(text);
  },
}));

const streamOf = (track: FakeTrack) => ({ getAudioTracks: () => [track], getTracks: () => [track] });

const BEN_SPEAKS = [seat("ama", { role: "host" }), seat("ben")];

describe("a room", () => {
  let server: FakeServer;
  let microphone: FakeTrack;
  let answerMicrophone: () => Promise<unknown>;
  const getUserMedia = vi.fn();
  let room: Room;
  let number: number;

  beforeEach(() => {
    vi.useFakeTimers();
    toasts.length = 0;
    takenAway.length = 0;
    number = 1;
    FakePeer.made = [];
    microphone = new FakeTrack();
    answerMicrophone = () => Promise.resolve(streamOf(microphone));
    getUserMedia.mockReset();
    getUserMedia.mockImplementation(() => answerMicrophone());
    vi.stubGlobal("RTCPeerConnection", FakePeer);
    vi.stubGlobal("RTCRtpReceiver", FakeCapabilities);
    vi.stubGlobal("MediaStream", class {});
    vi.stubGlobal("navigator", { mediaDevices: { getUserMedia } });
    vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue(undefined);
    vi.spyOn(HTMLMediaElement.prototype, "pause").mockImplementation(() => {});
    server = new FakeServer().install();
    room = new Room(card());
  });

  afterEach(() => {
    room.hangUp();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    vi.useRealTimers();
    document.body.replaceChildren();
  });

  /** Let the browser's question about the microphone wait; gives what answers it. */
  function askLate(): () => void {
    let allow = () => {};
    const allowed = new Promise<void>((resolve) => (allow = resolve));
    const answer = answerMicrophone;
    answerMicrophone = () => allowed.then(answer);
    return () => allow();
  }

  /** Something comes over the data channel. */
  async function happen<T extends EventType>(type: T, data: EventData[T]) {
    newestPeer().message(JSON.stringify(event(number++, type, data)));
    await vi.advanceTimersByTimeAsync(0);
  }

  /** Ben is inside and connected, and sees `view`. */
  async function inside(view: Snapshot = snapshot()) {
    room.join();
    await vi.advanceTimersByTimeAsync(0);
    newestPeer().ice("connected");
    await happen("snapshot", view);
  }

  /** Ben has a seat and his microphone is ready. */
  async function onStage() {
    await inside();
    await happen("seat_changed", { seat: seat("ben") });
    await happen("you_changed", { you: you({ role: "speaker" }) });
  }

  const music = (is: boolean) => happen("space_changed", { space: space({ music: is }) });

  const muted = (is: boolean) => happen("seat_changed", { seat: seat("ben", { muted: is }) });

  /** Packets name `source` from now on. */
  function speak(source: number): void {
    const { receiver } = newestPeer();
    receiver.contributing = [{ source, timestamp: performance.timeOrigin + performance.now() + 60_000 }];
  }

  it("says of one's seat only what is true now", async () => {
    await onStage();
    await happen("seat_left", { person_id: "ben" });

    expect(toasts).toEqual([
      "You are on the stage. Your microphone is off.",
      "You are back among the listeners.",
    ]);
    expect(takenAway).toContain("You are on the stage. Your microphone is off.");
  });

  describe("where there is music", () => {
    const asked = () =>
      getUserMedia.mock.calls.map(([{ audio }]) => [audio.channelCount, audio.echoCancellation]);

    it("takes the microphone as it is, in stereo, and cleans it again afterwards; whoever is heard goes on", async () => {
      await onStage();
      const unmuting = room.unmute();
      await muted(false);
      await unmuting;
      const voice = microphone;
      const instrument = new FakeTrack();
      answerMicrophone = () => Promise.resolve(streamOf(instrument));

      await music(true);

      expect(asked()).toEqual([
        [1, true],
        [2, false],
      ]);
      expect([voice.readyState, instrument.enabled, room.isOnAir]).toEqual(["ended", true, true]);
      expect(newestPeer().sent.at(-1)).toBe(instrument);
      expect(newestPeer().remoteDescription?.sdp).toContain("stereo=1");
      expect(toasts.at(-1)).toContain("Wear headphones");

      answerMicrophone = () => Promise.resolve(streamOf(new FakeTrack()));
      await music(false);
      expect(asked().at(-1)).toEqual([1, true]);
      expect(newestPeer().remoteDescription?.sdp).toContain("stereo=0");
    });

    it("is sent from the first seat on, and a listener is asked for no microphone", async () => {
      await inside(snapshot({ space: space({ music: true }) }));
      expect(getUserMedia).not.toHaveBeenCalled();

      await happen("seat_changed", { seat: seat("ben") });
      expect(asked()).toEqual([[2, false]]);
    });

    it("keeps the microphone that is open when it gets no other", async () => {
      await onStage();
      answerMicrophone = () => Promise.reject(new DOMException("", "NotReadableError"));

      await music(true);

      expect([room.voice.state, microphone.readyState]).toEqual(["ready", "live"]);
    });

    it("sends nothing of whoever tries the microphone alone", async () => {
      await inside(snapshot({ you: you({ request: request("ben", 1) }) }));
      await room.voice.check();

      await music(true);

      expect(asked().at(-1)).toEqual([2, false]);
      expect([microphone.enabled, newestPeer().sent.filter(Boolean)]).toEqual([true, []]);
    });

    it("follows a switch that comes while the microphone is being asked for", async () => {
      let answer = (_stream: unknown) => {};
      answerMicrophone = () => new Promise((resolve) => (answer = resolve));
      await onStage();
      await music(true);
      answerMicrophone = () => Promise.resolve(streamOf(microphone));
      const first = new FakeTrack();
      answer(streamOf(first));
      await vi.advanceTimersByTimeAsync(0);

      expect(asked()).toEqual([
        [1, true],
        [2, false],
      ]);
      expect([first.readyState, newestPeer().sent.at(-1)]).toEqual(["ended", microphone]);
    });
  });

  describe("for a listener", () => {
    it("plays what comes, and asks for no microphone", async () => {
      await inside();

      expect(room.place).toBe("inside");
      expect(room.connection).toBe("connected");
      expect(document.querySelectorAll("audio")).toHaveLength(1);
      expect(getUserMedia).not.toHaveBeenCalled();
    });

    it("calls once, however often one taps", async () => {
      room.join();
      room.join();
      await vi.advanceTimersByTimeAsync(0);

      expect(FakePeer.made).toHaveLength(1);
    });

    it("asks for events again over a window of the audience's size, and for its call too", async () => {
      await inside(snapshot({ counts: { listeners: 30_000, requests: 0 } }));
      vi.spyOn(Math, "random").mockReturnValue(0.5);
      server.life = "life2";
      await vi.advanceTimersByTimeAsync(30_500);
      expect(room.connection).toBe("reconnecting");
      const asked = server.count("GET");
      await vi.advanceTimersByTimeAsync(3_000);

      expect(server.count("GET") - asked).toBe(2);
      expect(server.openStreams).toBe(1);
      expect(server.count("GET /readyz")).toBe(1);
      expect(server.count("POST")).toBe(2);
    });

    it("is back before the crowd when it has asked to speak", async () => {
      const asked = you({ request: request("ben", 1) });
      await inside(snapshot({ counts: { listeners: 30_000, requests: 1 }, you: asked }));
      server.life = "life2";
      await vi.advanceTimersByTimeAsync(2_500);

      expect(server.count("POST")).toBe(2);
    });

    it("follows the event stream until the call brings the events", async () => {
      room.watch();
      await vi.advanceTimersByTimeAsync(0);
      expect(server.count("GET /api/v1/spaces/kitchen/events")).toBe(1);
      await inside();
      await vi.advanceTimersByTimeAsync(1_000);

      expect(server.openStreams).toBe(0);
    });

    it("is called again as who one is, once a guest has signed in, and never otherwise", async () => {
      await inside();
      room.callAgainAsMe();
      await vi.advanceTimersByTimeAsync(0);
      expect(FakePeer.made).toHaveLength(1);
      await happen("you_changed", { you: you({ kind: "guest", may_ask: false }) });
      room.callAgainAsMe();
      await vi.advanceTimersByTimeAsync(0);
      expect(room.connection).toBe("connected");
      newestPeer().ice("connected");
      await happen("snapshot", snapshot());

      expect(FakePeer.made.map((peer) => peer.isClosed)).toEqual([true, false]);
      expect(room.you.may_ask).toBe(true);
    });

    it("sees what happens", async () => {
      await inside();
      await happen("space_changed", { space: space({ title: "Garden" }) });

      expect(room.view.space.title).toBe("Garden");
    });

    it("says who speaks through short pauses, and no longer than they can be heard", async () => {
      const ama = seat("ama", { role: "host", muted: false });
      await inside(snapshot({ stage: [ama] }));
      const names = () => room.speaking.map((seat) => seat.person.id);
      speak(ama.source);
      await vi.advanceTimersByTimeAsync(300);
      expect(names()).toEqual(["ama"]);
      newestPeer().receiver.contributing = [];
      await vi.advanceTimersByTimeAsync(700);

      expect(room.light.lit).toEqual([]);
      expect(names()).toEqual(["ama"]);
      expect(room.face.id).toBe("ama");
      await happen("seat_changed", { seat: { ...ama, muted: true } });
      expect(names()).toEqual([]);
    });

    it("takes a second tap on the same thing for none", async () => {
      let finish = () => {};
      const deed = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)));
      const first = room.act("ask", deed);
      await expect(room.act("ask", deed)).resolves.toBe(false);
      finish();

      await expect(first).resolves.toBe(true);
      expect(deed).toHaveBeenCalledOnce();
    });

    it("says in words why something did not work", async () => {
      server.refusal = { status: 409, code: "queue_full" };
      await room.act("ask", () => fetch("/", { method: "POST" }).then(() => Promise.reject(new Error("x"))));

      expect(toasts).toEqual(["Something went wrong on this page. Reload it, then try again."]);
      expect(room.isDoing("ask")).toBe(false);
    });
  });

  describe("for somebody who is brought up", () => {
    it("asks for the microphone once, and keeps it silent", async () => {
      await onStage();

      expect(getUserMedia).toHaveBeenCalledOnce();
      expect(newestPeer().sent.at(-1)).toBe(microphone);
      expect(microphone.enabled).toBe(false);
      expect(room.isOnAir).toBe(false);
      expect(toasts).toEqual(["You are on the stage. Your microphone is off."]);
      expect(FakePeer.made).toHaveLength(1);
    });

    it("lets sound out once the server has unmuted the seat", async () => {
      await onStage();
      await room.unmute();
      expect(microphone.enabled).toBe(false);
      await muted(false);

      expect(server.asked).toContain("DELETE /api/v1/spaces/kitchen/mutes/me");
      expect(microphone.enabled).toBe(true);
      expect(room.isOnAir).toBe(true);
    });

    it("says nothing about a microphone that is off when there is none to open", async () => {
      answerMicrophone = () => Promise.reject(new DOMException("", "NotAllowedError"));
      await onStage();

      expect(room.voice.state).toBe("denied");
      expect(takenAway).toEqual(["You are on the stage. Your microphone is off."]);
    });

    it("no longer says that the microphone is off once it is open", async () => {
      await onStage();
      expect(takenAway).toEqual([]);
      await room.unmute();

      expect(takenAway).toEqual(["You are on the stage. Your microphone is off."]);
    });

    it("falls silent before the server knows of it", async () => {
      await onStage();
      await room.unmute();
      await muted(false);
      server.isUp = false;
      const muting = room.mute();

      expect(microphone.enabled).toBe(false);
      await muting;
      await happen("counts_changed", { counts: { listeners: 3, requests: 0 } });
      expect(microphone.enabled).toBe(false);
    });

    it("falls silent when a host mutes, and stays so until unmuting oneself", async () => {
      await onStage();
      await room.unmute();
      await muted(false);
      await muted(true);
      expect(microphone.enabled).toBe(false);
      expect(toasts.at(-1)).toBe("You were muted. Only you can unmute yourself.");
      await muted(false);

      expect(microphone.enabled).toBe(false);
      expect(room.isOnAir).toBe(false);
    });

    it("ends up muted when a key is let go before the server has answered", async () => {
      await onStage();
      const talking = room.unmute();
      const silent = room.mute();
      await Promise.all([talking, silent]);
      await muted(false);
      const mutes = server.asked.filter((asked) => asked.includes("/mutes/me"));

      expect(mutes.at(-1)).toBe("PUT /api/v1/spaces/kitchen/mutes/me");
      expect(microphone.enabled).toBe(false);
    });

    it("unmutes as soon as the question for the microphone is answered", async () => {
      const allow = askLate();
      await onStage();
      const talking = room.unmute();
      expect(server.count("DELETE /api/v1/spaces/kitchen/mutes/me")).toBe(0);
      allow();
      await talking;
      await muted(false);

      expect(getUserMedia).toHaveBeenCalledOnce();
      expect(microphone.enabled).toBe(true);
    });

    it("says what is wrong with the microphone, and can try again", async () => {
      const allowed = answerMicrophone;
      answerMicrophone = () => Promise.reject(new DOMException("", "NotAllowedError"));
      await onStage();
      expect(room.voice.state).toBe("denied");
      answerMicrophone = allowed;
      await room.unmute();

      expect(room.voice.state).toBe("ready");
    });

    it("gives the microphone back with the seat", async () => {
      await onStage();
      await happen("seat_left", { person_id: "ben" });

      expect(microphone.readyState).toBe("ended");
      expect(newestPeer().sent.at(-1)).toBeNull();
      expect(room.voice.state).toBe("off");
    });

    it("takes no microphone whose permission comes after the seat is gone", async () => {
      const allow = askLate();
      await onStage();
      await happen("seat_left", { person_id: "ben" });
      allow();
      await vi.advanceTimersByTimeAsync(0);

      expect(microphone.readyState).toBe("ended");
      expect(newestPeer().sent.at(-1)).toBeNull();
    });

    it("comes back silent to a seat that was open when the page was loaded anew", async () => {
      room = new Room(card({ stage: [seat("ben", { muted: false })], you: you({ role: "speaker" }) }));
      await inside(snapshot({ stage: [seat("ben", { muted: false })], you: you({ role: "speaker" }) }));

      expect(server.asked).toContain("PUT /api/v1/spaces/kitchen/mutes/me");
      expect(microphone.enabled).toBe(false);
    });

    it("keeps speaking after the call was lost and found", async () => {
      await onStage();
      await room.unmute();
      await muted(false);
      await vi.advanceTimersByTimeAsync(2_500);
      newestPeer().ice("connected");
      await happen(
        "snapshot",
        snapshot({ stage: [seat("ben", { muted: false })], you: you({ role: "speaker" }) }),
      );

      expect(FakePeer.made).toHaveLength(2);
      expect(newestPeer().sent.at(-1)).toBe(microphone);
      expect(room.isOnAir).toBe(true);
      expect(getUserMedia).toHaveBeenCalledOnce();
    });
  });

  describe("for somebody who waits", () => {
    /** Ben is in line; `ready` to be heard, as the server says. */
    const inLine = (ready: boolean, place = 2) =>
      happen("you_changed", { you: you({ request: { ...request("ben", place), ready } }) });

    it("is not for oneself alone when one got ready while the microphone was being tried", async () => {
      const allow = askLate();
      await inside();
      await inLine(false);
      const ready = room.beReady(true);
      const trying = room.voice.check();
      allow();
      await Promise.all([ready, trying]);
      await inLine(true);

      expect([room.voice.isAlone, room.voice.isOpen]).toEqual([false, true]);
    });

    it("is still heard from the first word on when an older event comes late", async () => {
      await inside();
      await inLine(false);
      await room.beReady(true);
      await inLine(false, 1);
      expect(microphone.enabled).toBe(true);

      await inLine(true, 1);
      await inLine(false, 1);
      expect([microphone.enabled, room.voice.isOpen]).toEqual([false, false]);
    });

    it("is not held open for a server that did not take it", async () => {
      await inside();
      await inLine(false);
      server.isUp = false;
      await room.beReady(true);

      expect([microphone.enabled, room.voice.isOpen]).toEqual([false, false]);
    });

    it("may be made ready, not so, and ready again faster than the events come", async () => {
      await inside();
      await inLine(false);
      await room.beReady(true);
      await inLine(true);
      await room.beReady(false);
      await room.beReady(true);
      await inLine(false);

      expect(microphone.enabled).toBe(true);
    });
  });

  describe("at its end", () => {
    it.each([
      ["removed", "removed"],
      ["ended", "ended"],
      ["signed_out", "signed_out"],
      ["deleted", "deleted"],
    ] as const)("a goodbye as %s stops sound, microphone and call", async (reason, place) => {
      await onStage();
      await happen("goodbye", { reason, reconnect: false });

      expect(room.place).toBe(place);
      expect(microphone.readyState).toBe("ended");
      expect(newestPeer().isClosed).toBe(true);
    });

    it("is the same when the space is seen to have ended", async () => {
      await inside();
      await happen("space_changed", { space: space({ state: "ended" }) });

      expect(room.place).toBe("ended");
    });

    it.each([
      [403, "removed"],
      [409, "elsewhere"],
    ])("is noticed without a goodbye: silence, and a door that stays shut (%i %s)", async (status, code) => {
      await inside();
      server.refusal = { status, code };
      await vi.advanceTimersByTimeAsync(3_000);

      expect(room.place).toBe(code);
      expect(room.isElsewhere).toBe(code === "elsewhere");
    });

    it("stays inside when the server says that it restarts", async () => {
      await inside();
      await happen("goodbye", { reason: "restarting", reconnect: true });

      expect(room.place).toBe("inside");
    });

    it("leaving gives a speaker's seat back, and harms nothing twice", async () => {
      await onStage();
      room.leave();
      room.leave();
      await vi.advanceTimersByTimeAsync(0);

      expect(room.place).toBe("outside");
      expect(server.asked).toContain("DELETE /api/v1/spaces/kitchen/stage/me");
      expect(server.asked).toContain("DELETE /api/v1/calls/c1");
    });

    it("leaving keeps the host's seat", async () => {
      room = new Room(card({ you: you({ role: "host", person: person("ama") }) }));
      await inside(snapshot({ you: you({ role: "host", person: person("ama") }), queue: [], people: [] }));
      room.leave();
      await vi.advanceTimersByTimeAsync(0);

      expect(server.asked.filter((asked) => asked.includes("/stage/"))).toEqual([]);
      expect(toasts.at(-1)).toMatch(/“Kitchen table” goes on\./);
    });
  });

  describe("before the door", () => {
    it.each([
      [card({ state: "ended" }), "ended"],
      [card({ you: you({ removed: true, may_listen: false }) }), "removed"],
      [card({ stage: null, counts: null, you: you({ may_listen: false }) }), "shut"],
      [card(), "outside"],
    ])("knows where one stands (%#)", (known, place) => {
      expect(new Room(known).place).toBe(place);
    });

    it("waits inside the room, with a word about it, until there is a place for one more", async () => {
      server.refusal = { status: 503, code: "space_crowded", retryAfter: 10 };
      room.join();
      await vi.advanceTimersByTimeAsync(0);
      room.join();
      expect([room.place, room.connection]).toEqual(["inside", "waiting"]);
      expect(room.waiting).toBe("This space is full right now. You are let in as soon as there is room.");
      expect(server.openStreams).toBe(1);
      expect(FakePeer.made).toHaveLength(1);

      server.refusal = null;
      await vi.advanceTimersByTimeAsync(12_000);
      newestPeer().ice("connected");
      await vi.advanceTimersByTimeAsync(0);
      expect(room.connection).toBe("connected");
      expect(toasts).toEqual([]);
    });

    it("is outside again, with the server's words, after half an hour without a place", async () => {
      server.refusal = { status: 503, code: "space_crowded", retryAfter: 100 };
      room.join();
      await vi.advanceTimersByTimeAsync(WAIT_AT_MOST_MS + 130_000);

      expect(room.place).toBe("outside");
      expect(toasts).toEqual(["Refused: space_crowded."]);
    });
  });

  it("shows a stage of several people from the card on", () => {
    expect(new Room(card({ stage: BEN_SPEAKS })).view.stage).toHaveLength(2);
  });
});
