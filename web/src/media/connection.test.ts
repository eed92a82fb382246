import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  Connection,
  type ConnectionListener,
  type ConnectionState,
  GIVE_UP_MS,
  NO_PATH_MS,
  WAIT_AT_MOST_MS,
} from "./connection";
import { FakeCapabilities, FakePeer, FakeTrack, newestPeer } from "./fake-peer";
import { ANSWER, FakeServer } from "./fake-server";
import { SMALL_MS } from "./spread";

describe("a connection to a space", () => {
  let server: FakeServer;
  let states: ConnectionState[];
  let refusals: string[];
  let waits: (string | number)[];
  let windowMs: number;
  let messages: string[];
  let receivers: RTCRtpReceiver[];
  let connection: Connection;

  beforeEach(() => {
    vi.useFakeTimers();
    FakePeer.made = [];
    vi.stubGlobal("RTCPeerConnection", FakePeer);
    vi.stubGlobal("RTCRtpReceiver", FakeCapabilities);
    server = new FakeServer().install();
    states = [];
    refusals = [];
    waits = [];
    windowMs = SMALL_MS;
    messages = [];
    receivers = [];
    connection = new Connection("kitchen", {
      state: (state) => states.push(state),
      refused: (refusal) => refusals.push(refusal.code),
      waits: (refusal) => waits.push(refusal.place ?? refusal.code),
      windowMs: () => windowMs,
      receiver: (receiver) => receivers.push(receiver),
      message: (text) => messages.push(text),
    });
  });

  afterEach(() => {
    connection.close();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  /** Let `ms` pass while a packet comes every 20 ms. */
  async function hearFor(ms: number) {
    for (let passed = 0; passed < ms; passed += 20) {
      newestPeer().receiver.hear();
      await vi.advanceTimersByTimeAsync(20);
    }
  }

  /** Let `ms` pass while the first call plays. */
  async function playFirst(ms: number, everyMs = 100) {
    for (let passed = 0; passed < ms; passed += everyMs) {
      FakePeer.made[0]?.receiver.hear();
      await vi.advanceTimersByTimeAsync(everyMs);
    }
  }

  async function connect() {
    connection.open();
    await vi.advanceTimersByTimeAsync(0);
    newestPeer().ice("connected");
    await hearFor(500);
  }

  it("says on the data channel what it is given, once that is open", async () => {
    expect(connection.say("before")).toBe(false);
    await connect();
    expect(connection.say("too early")).toBe(false);
    const [channel] = newestPeer().channels;
    if (channel) channel.readyState = "open";

    expect(connection.say("hello")).toBe(true);
    expect(newestPeer().said).toEqual(["hello"]);
  });

  it("offers one sendrecv audio transceiver and the negotiated data channel", async () => {
    await connect();

    expect(FakePeer.made).toHaveLength(1);
    expect(newestPeer().transceivers).toEqual([{ kind: "audio", options: { direction: "sendrecv" } }]);
    expect(newestPeer().channels).toMatchObject([{ label: "events", options: { negotiated: true, id: 0 } }]);
    expect(server.asked).toEqual(["POST /api/v1/spaces/kitchen/call"]);
    expect(newestPeer().remoteDescription?.sdp).toBe(ANSWER);
    expect(states).toEqual(["calling", "connected"]);
  });

  it("gives out what to play before the tap is over", () => {
    connection.open();

    expect(receivers).toHaveLength(1);
  });

  it("stays with one call as long as packets come, though nobody speaks for long", async () => {
    await connect();
    for (let i = 0; i < 20; i++) {
      newestPeer().receiver.hear();
      await vi.advanceTimersByTimeAsync(400);
    }

    expect(FakePeer.made).toHaveLength(1);
    expect(states.at(-1)).toBe("connected");
  });

  it("does not take packets that come too late to be played for silence", async () => {
    await connect();
    for (let i = 0; i < 20; i++) {
      newestPeer().receiver.hearLate();
      await vi.advanceTimersByTimeAsync(400);
    }

    expect(FakePeer.made).toHaveLength(1);
  });

  describe("in a quiet space", () => {
    const SIGNS_MS = 1_800;

    /** Connect, and let so many signs come that say nobody speaks. */
    async function sitQuietly(signs: number) {
      await connect();
      await sitOn(signs);
    }

    async function sitOn(signs: number) {
      for (let i = 0; i < signs; i++) {
        newestPeer().receiver.hearNobody();
        await vi.advanceTimersByTimeAsync(SIGNS_MS);
      }
    }

    it("stays with a call whose packets are two seconds apart, and asks nobody", async () => {
      await sitQuietly(20);

      expect(FakePeer.made).toHaveLength(1);
      expect(server.count("GET")).toBe(0);
      expect(states).toEqual(["calling", "connected"]);
    });

    it("asks the server when one is missing, and goes on unseen where it was never away", async () => {
      await sitQuietly(1);
      await vi.advanceTimersByTimeAsync(SIGNS_MS);
      expect(server.asked.filter((asked) => asked.startsWith("GET"))).toEqual(["GET /healthz"]);
      for (let i = 0; i < 5; i++) {
        newestPeer().receiver.hearNobody();
        await vi.advanceTimersByTimeAsync(SIGNS_MS);
      }

      expect(FakePeer.made).toHaveLength(1);
      expect(server.count("GET")).toBe(1);
      expect(states).toEqual(["calling", "connected"]);
    });

    it("calls again soon after the last packet of a server that is another now", async () => {
      await sitQuietly(1);
      newestPeer().receiver.hearNobody();
      server.life = "life2";
      await vi.advanceTimersByTimeAsync(2_800);

      expect(FakePeer.made).toHaveLength(2);
      expect(server.count("POST")).toBe(2);
    });

    it("looks for a server that does not answer", async () => {
      await sitQuietly(1);
      server.isUp = false;
      await vi.advanceTimersByTimeAsync(5_000);
      expect(states.at(-1)).toBe("reconnecting");

      server.isUp = true;
      await vi.advanceTimersByTimeAsync(SMALL_MS + 100);
      expect(server.count("POST")).toBe(2);
    });

    it("takes a path that brings nothing for broken, though the server is the same", async () => {
      await sitQuietly(1);
      await vi.advanceTimersByTimeAsync(7_500);

      expect(FakePeer.made).toHaveLength(2);
    });

    it("looks for another way when its device moves while the server is being asked", async () => {
      await sitQuietly(1);
      let fail = () => {};
      const lost = new Promise<void>((_, reject) => (fail = () => reject(new TypeError("Failed to fetch"))));
      server.before = (asked) => (asked === "GET /healthz" ? lost : Promise.resolve());
      await vi.advanceTimersByTimeAsync(SIGNS_MS);
      expect(server.count("GET /healthz")).toBe(1);
      connection.networkChanged();
      fail();
      await hearFor(100);

      expect(server.count("PATCH")).toBe(1);
      expect(FakePeer.made).toHaveLength(1);
      expect(states).toEqual(["calling", "connected"]);
    });

    it("waits for a second sign where the first one was lost on the way", async () => {
      connection.open();
      await vi.advanceTimersByTimeAsync(0);
      newestPeer().ice("connected");
      await vi.advanceTimersByTimeAsync(SIGNS_MS);
      await sitOn(3);

      expect(FakePeer.made).toHaveLength(1);
      expect(states).toEqual(["calling", "connected"]);
    });

    it("is back with one packet after a server that stood still", async () => {
      windowMs = 20_000;
      await sitQuietly(1);
      server.isUp = false;
      await vi.advanceTimersByTimeAsync(3_500);
      expect(states.at(-1)).toBe("reconnecting");
      newestPeer().receiver.hearNobody();
      await vi.advanceTimersByTimeAsync(500);

      expect(states.at(-1)).toBe("connected");
      expect(server.count("POST")).toBe(1);
    });

    it("expects packets often again once somebody speaks", async () => {
      await sitQuietly(1);
      await hearFor(1_000);
      await vi.advanceTimersByTimeAsync(2_500);

      expect(FakePeer.made).toHaveLength(2);
      expect(server.count("GET /healthz")).toBe(0);
    });

    it("asks at a random moment among many, and not at all if a packet comes before", async () => {
      vi.spyOn(Math, "random").mockReturnValue(0.5);
      windowMs = 20_000;
      await sitQuietly(1);
      await vi.advanceTimersByTimeAsync(550);
      newestPeer().receiver.hearNobody();
      await vi.advanceTimersByTimeAsync(1_000);
      expect(server.count("GET")).toBe(0);

      await vi.advanceTimersByTimeAsync(2_000);
      expect(server.asked.filter((asked) => asked.startsWith("GET"))).toEqual(["GET /healthz"]);
      expect(states.at(-1)).toBe("connected");
    });
  });

  it("calls again once after 1.2 s of silence, as soon as the server is ready", async () => {
    await connect();
    await vi.advanceTimersByTimeAsync(2_500);
    newestPeer().ice("connected");
    await hearFor(3_000);

    expect(FakePeer.made).toHaveLength(2);
    expect(FakePeer.made[0]?.isClosed).toBe(true);
    expect(server.count("POST")).toBe(2);
    expect(server.asked.indexOf("GET /readyz")).toBe(1);
    expect(states).toEqual(["calling", "connected", "reconnecting", "connected"]);
  });

  it("is not alarmed by a second without packets", async () => {
    await connect();
    await vi.advanceTimersByTimeAsync(1_000);
    await hearFor(1_000);

    expect(states.at(-1)).toBe("connected");
    expect(server.count("GET /readyz")).toBe(0);
  });

  it("asks about every 200 ms while the server is away, and is back within half a second of its return", async () => {
    await connect();
    server.isUp = false;
    await vi.advanceTimersByTimeAsync(1_500 + 20_000);
    const asked = server.count("GET /readyz");
    expect(asked).toBeGreaterThanOrEqual(60);
    expect(asked).toBeLessThanOrEqual(160);
    expect(server.count("POST")).toBe(1);

    server.isUp = true;
    await vi.advanceTimersByTimeAsync(SMALL_MS);
    newestPeer().ice("connected");
    await hearFor(100);

    expect(server.count("POST")).toBe(2);
    expect(states.at(-1)).toBe("connected");
  });

  it("waits while the server is up but not ready", async () => {
    await connect();
    server.isReady = false;
    await vi.advanceTimersByTimeAsync(10_000);

    expect(server.count("POST")).toBe(1);
  });

  it("sends the same track on the new call", async () => {
    await connect();
    const track = new FakeTrack() as unknown as MediaStreamTrack;
    await connection.speak(track);
    await vi.advanceTimersByTimeAsync(2_500);

    expect(FakePeer.made).toHaveLength(2);
    expect(newestPeer().sent.at(-1)).toBe(track);
  });

  /** Whether the page's sender was told to send music, as its peer has it. */
  const sendsMusic = (peer = newestPeer()) =>
    peer.remoteDescription?.sdp.includes("maxaveragebitrate=128000");

  it("says in every offer that it hears in stereo", async () => {
    await connect();
    connection.networkChanged();
    await vi.advanceTimersByTimeAsync(0);

    expect(newestPeer().offered).toHaveLength(2);
    for (const offer of newestPeer().offered) expect(offer).toContain("useinbandfec=1;stereo=1\r\n");
  });

  it("turns to music and back on the same call, without asking the server", async () => {
    await connect();
    expect(sendsMusic()).toBe(false);
    const asked = server.asked.length;

    await connection.sendMusic(true);
    expect(sendsMusic()).toBe(true);
    await connection.sendMusic(true);
    expect(newestPeer().offered).toHaveLength(2);
    await connection.sendMusic(false);

    expect(newestPeer().remoteDescription?.sdp).toBe(ANSWER);
    expect(FakePeer.made).toHaveLength(1);
    expect(server.asked).toHaveLength(asked);
  });

  it("sends music on the call after this one, and after a restart of its path", async () => {
    await connection.sendMusic(true);
    await connect();
    expect(sendsMusic()).toBe(true);

    connection.networkChanged();
    await hearFor(100);
    expect(newestPeer().remoteDescription?.sdp).toContain("a=ice-ufrag:server2");
    expect(sendsMusic()).toBe(true);

    connection.open();
    await vi.advanceTimersByTimeAsync(0);
    expect(FakePeer.made).toHaveLength(2);
    expect(sendsMusic()).toBe(true);
  });

  it("forgets neither of a restart and a turn to music that come at once", async () => {
    await connect();
    connection.networkChanged();
    void connection.sendMusic(true);
    await hearFor(100);

    expect(newestPeer().remoteDescription?.sdp).toContain("a=ice-ufrag:server2");
    expect(sendsMusic()).toBe(true);
  });

  it("restarts ICE on the same call when the network changes", async () => {
    await connect();
    connection.networkChanged();
    await hearFor(500);

    expect(FakePeer.made).toHaveLength(1);
    expect(server.asked.at(-1)).toBe("PATCH /api/v1/calls/c1");
    expect(server.headers.at(-1)?.get("content-type")).toBe("application/trickle-ice-sdpfrag");
    expect(server.headers.at(-1)?.get("if-match")).toBe("*");
    expect(server.bodies.at(-1)).toContain("a=ice-ufrag:u2\r\na=ice-pwd:p2");
    expect(newestPeer().remoteDescription?.sdp).toContain("a=ice-pwd:serverpwd2");
    expect(states).toEqual(["calling", "connected"]);
  });

  it.each([
    ["is taken", (release: () => void) => release()],
    ["fails with the network it began on", (_: () => void, fail: () => void) => fail()],
  ])("restarts ICE once more when the network changes again before the first restart %s", async (_, end) => {
    await connect();
    let release = () => {};
    let fail = () => {};
    const answered = new Promise<void>((resolve, reject) => {
      release = resolve;
      fail = () => reject(new TypeError("Failed to fetch"));
    });
    server.before = (asked) =>
      asked.startsWith("PATCH") && server.count("PATCH") === 1 ? answered : Promise.resolve();
    connection.networkChanged();
    await hearFor(100);
    connection.networkChanged();
    connection.networkChanged();
    await hearFor(100);
    expect(server.count("PATCH")).toBe(1);
    end(release, fail);
    await hearFor(500);

    expect(server.count("PATCH")).toBe(2);
    expect(FakePeer.made).toHaveLength(1);
    expect(newestPeer().remoteDescription?.sdp).toContain("a=ice-pwd:serverpwd2");
    expect(states).toEqual(["calling", "connected"]);
  });

  it("takes what the browser says of the old path during a restart for no other change", async () => {
    await connect();
    newestPeer().ice("disconnected");
    newestPeer().ice("failed");
    await hearFor(500);

    expect(server.count("PATCH")).toBe(1);
  });

  it.each(["disconnected", "failed"])(
    "restarts ICE when the browser reports the path as %s",
    async (state) => {
      await connect();
      newestPeer().ice(state);
      await hearFor(100);

      expect(server.count("PATCH")).toBe(1);
    },
  );

  it("calls anew when the server does not know the call to restart", async () => {
    await connect();
    server.knowsCalls = false;
    connection.networkChanged();
    await vi.advanceTimersByTimeAsync(500);

    expect(FakePeer.made).toHaveLength(2);
  });

  it("calls anew when the restarted path stays silent", async () => {
    await connect();
    connection.networkChanged();
    await vi.advanceTimersByTimeAsync(2_500);

    expect(FakePeer.made).toHaveLength(2);
  });

  it("says that the network blocks the sound when no packet passes within 8 s", async () => {
    connection.open();
    await vi.advanceTimersByTimeAsync(NO_PATH_MS - 100);
    expect(states).toEqual(["calling"]);
    await vi.advanceTimersByTimeAsync(200);

    expect(states.at(-1)).toBe("blocked");
    expect(newestPeer().isClosed).toBe(true);
  });

  it("tells a refusal and does not call again", async () => {
    server.refusal = { status: 403, code: "removed" };
    connection.open();
    await vi.advanceTimersByTimeAsync(60_000);

    expect(refusals).toEqual(["removed"]);
    expect(states.at(-1)).toBe("refused");
    expect(server.count("POST")).toBe(1);
  });

  it("stops when the server refuses to have the person back", async () => {
    await connect();
    server.refusal = { status: 403, code: "removed" };
    await vi.advanceTimersByTimeAsync(60_000);

    expect(refusals).toEqual(["removed"]);
    expect(server.count("POST")).toBe(2);
  });

  it("keeps trying when the server is only busy", async () => {
    await connect();
    server.refusal = { status: 503, code: "engine_busy" };
    await vi.advanceTimersByTimeAsync(5_000);
    expect(refusals).toEqual([]);
    expect(states.at(-1)).toBe("waiting");
    server.refusal = null;
    await vi.advanceTimersByTimeAsync(1_200);
    newestPeer().ice("connected");
    await hearFor(100);

    expect(states.at(-1)).toBe("connected");
  });

  it("gives up after two minutes without a server, and tries again when asked", async () => {
    await connect();
    server.isUp = false;
    await vi.advanceTimersByTimeAsync(GIVE_UP_MS + 5_000);
    expect(states.at(-1)).toBe("lost");
    const asked = server.asked.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.asked).toHaveLength(asked);

    server.isUp = true;
    await connect();

    expect(states.at(-1)).toBe("connected");
  });

  it("says at once when the first call finds no server", async () => {
    server.isUp = false;
    connection.open();
    await vi.advanceTimersByTimeAsync(100);

    expect(states.at(-1)).toBe("lost");
  });

  it("stands in line with its ticket, and comes in when it is its turn", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    server.refusal = { status: 503, code: "in_line", retryAfter: 40, place: 20_000, ticket: "t1" };
    connection.open();
    await vi.advanceTimersByTimeAsync(43_900);
    expect(waits).toEqual([20_000]);
    expect(server.count("POST")).toBe(1);

    server.refusal = { status: 503, code: "in_line", retryAfter: 2, place: 700, ticket: "t1" };
    await vi.advanceTimersByTimeAsync(200);
    server.refusal = null;
    await vi.advanceTimersByTimeAsync(2_200);
    newestPeer().ice("connected");
    await hearFor(100);

    expect(waits).toEqual([20_000, 700]);
    expect(server.headers.map((headers) => headers.get("convivium-ticket"))).toEqual([null, "t1", "t1"]);
    expect(states).toEqual(["calling", "waiting", "connected"]);
    expect(refusals).toEqual([]);
  });

  it.each([
    ["is gone", () => Object.assign(server, { isUp: false })],
    [
      "is behind a proxy that knows no better",
      () => Object.assign(server, { refusal: { status: 502, code: "unknown" } }),
    ],
    [
      "asks for patience",
      () => Object.assign(server, { refusal: { status: 429, code: "slow_down", retryAfter: 2 } }),
    ],
  ])("keeps its place in line while the server %s", async (_, change) => {
    server.refusal = { status: 503, code: "in_line", retryAfter: 2, place: 700, ticket: "t1" };
    connection.open();
    await vi.advanceTimersByTimeAsync(1_000);
    change();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(states.at(-1)).toBe("waiting");

    server.isUp = true;
    server.refusal = null;
    await vi.advanceTimersByTimeAsync(3_000);
    newestPeer().ice("connected");
    await hearFor(100);
    expect(states).toEqual(["calling", "waiting", "connected"]);
    expect(refusals).toEqual([]);
    expect(server.headers.at(-1)?.get("convivium-ticket")).toBe("t1");
  });

  it("is asked whether to go on after half an hour before a full house", async () => {
    server.refusal = { status: 503, code: "admission_closed", retryAfter: 30 };
    connection.open();
    await vi.advanceTimersByTimeAsync(WAIT_AT_MOST_MS + 60_000);

    expect(refusals).toEqual(["admission_closed"]);
    expect(states.at(-1)).toBe("refused");
    expect(server.count("POST")).toBeLessThanOrEqual(62);
    const asked = server.asked.length;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(server.asked).toHaveLength(asked);
  });

  it("is not sent away for hours, whatever the server says", async () => {
    server.refusal = { status: 503, code: "admission_closed", retryAfter: 100_000 };
    connection.open();
    await vi.advanceTimersByTimeAsync(145_000);

    expect(server.count("POST")).toBe(2);
  });

  describe("calling anew over a call that plays", () => {
    beforeEach(async () => {
      vi.spyOn(Math, "random").mockReturnValue(0.5);
      await connect();
      server.refusal = { status: 503, code: "admission_closed", retryAfter: 4 };
    });

    it("hears and reads on until the new one is let in", async () => {
      connection.open();
      await hearFor(100);
      FakePeer.made[0]?.message("news");
      FakePeer.made[0]?.receiver.hear();
      await playFirst(8_000);
      expect(FakePeer.made.map((peer) => peer.isClosed)).toEqual([false, true, true]);
      expect(messages).toEqual(["news"]);
      expect(server.count("DELETE")).toBe(0);

      server.refusal = null;
      await playFirst(5_000);
      FakePeer.made[0]?.message("newer");
      newestPeer().ice("connected");
      await vi.advanceTimersByTimeAsync(0);
      expect(FakePeer.made.map((peer) => peer.isClosed)).toEqual([true, true, true, false]);
      expect(messages).toEqual(["news", "newer"]);
      expect(states).toEqual(["calling", "connected"]);
    });

    it.each([
      ["nobody answers", () => Object.assign(server, { isUp: false })],
      ["a proxy knows no better", () => Object.assign(server, { refusal: { status: 502, code: "unknown" } })],
      ["no packet of the new one comes through", () => Object.assign(server, { refusal: null })],
    ])("hears on when %s", async (_, change) => {
      change();
      connection.open();
      await playFirst(20_000);

      expect(FakePeer.made[0]?.isClosed).toBe(false);
      expect(FakePeer.made.length).toBeGreaterThan(2);
      expect(states).toEqual(["calling", "connected"]);
    });

    it("notices that the one that plays is lost, and stands in line for another", async () => {
      connection.open();
      await playFirst(10_000);
      await vi.advanceTimersByTimeAsync(10_000);
      expect(states).toEqual(["calling", "connected", "reconnecting", "waiting"]);

      server.refusal = null;
      await vi.advanceTimersByTimeAsync(6_000);
      newestPeer().ice("connected");
      await hearFor(100);
      expect(states.at(-1)).toBe("connected");
    });

    it("stays with the one that plays when there is no room for so long", async () => {
      connection.open();
      await playFirst(WAIT_AT_MOST_MS + 60_000, 400);
      const called = server.count("POST");
      await playFirst(60_000, 400);

      expect(server.count("POST")).toBe(called);
      expect(FakePeer.made[0]?.isClosed).toBe(false);
      expect(refusals).toEqual([]);
      expect(states).toEqual(["calling", "connected"]);
    });

    it("ends with a refusal that no moment changes", async () => {
      server.refusal = { status: 403, code: "not_invited" };
      connection.open();
      await playFirst(1_000);

      expect(refusals).toEqual(["not_invited"]);
      expect(FakePeer.made[0]?.isClosed).toBe(true);
      expect(states.at(-1)).toBe("refused");
    });
  });

  it("goes on with the same call when the sound comes back before it is its turn", async () => {
    windowMs = 60_000;
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    await connect();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(states.at(-1)).toBe("reconnecting");
    await hearFor(1_600);

    expect(states).toEqual(["calling", "connected", "reconnecting", "connected"]);
    expect(FakePeer.made).toHaveLength(1);
    expect(server.count("GET /readyz")).toBe(0);
  });

  it("does not take a packet that was late for the sound that is back", async () => {
    windowMs = 60_000;
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    await connect();
    server.isUp = false;
    await vi.advanceTimersByTimeAsync(6_000);
    for (let i = 0; i < 5; i++) {
      await hearFor(200);
      await vi.advanceTimersByTimeAsync(1_500);
    }

    expect(states).toEqual(["calling", "connected", "reconnecting"]);
    expect(server.count("GET /readyz")).toBe(0);
  });

  describe("in a large space", () => {
    beforeEach(async () => {
      windowMs = 60_000;
      vi.spyOn(Math, "random").mockReturnValue(0.5);
      await connect();
    });

    it("calls again within seconds when it alone has lost a server that was never away", async () => {
      await vi.advanceTimersByTimeAsync(4_000);
      newestPeer().ice("connected");
      await hearFor(100);

      expect(server.count("GET /healthz")).toBe(1);
      expect(FakePeer.made).toHaveLength(2);
      expect(states).toEqual(["calling", "connected", "reconnecting", "connected"]);
    });

    it.each([
      ["has started anew", () => Object.assign(server, { life: "life2" })],
      ["is away", () => Object.assign(server, { isUp: false })],
    ])("waits for its moment with all others when the server %s", async (_, change) => {
      change();
      await vi.advanceTimersByTimeAsync(30_000);
      expect(server.count("GET /healthz")).toBe(1);
      expect(server.count("POST")).toBe(1);

      server.isUp = true;
      await vi.advanceTimersByTimeAsync(5_000);
      expect(server.count("POST")).toBe(2);
    });

    it("stays with its call when all lost the server for a moment and hear it again", async () => {
      await vi.advanceTimersByTimeAsync(2_500);
      expect(server.count("GET /healthz")).toBe(0);
      await vi.advanceTimersByTimeAsync(500);
      expect(server.count("GET /healthz")).toBe(1);
      await hearFor(2_000);

      expect(FakePeer.made).toHaveLength(1);
      expect(states.at(-1)).toBe("connected");
    });

    it("asks again at once when its device has another network", async () => {
      server.isUp = false;
      await vi.advanceTimersByTimeAsync(10_000);
      server.isUp = true;
      connection.networkChanged();
      await vi.advanceTimersByTimeAsync(2_500);

      expect(server.count("GET /healthz")).toBe(2);
      expect(server.count("POST")).toBe(2);
    });
  });

  it("spreads a large audience over its window when the server comes back", async () => {
    windowMs = 20_000;
    const crowd = Array.from(
      { length: 200 },
      () =>
        new Connection(
          "kitchen",
          ignored(() => windowMs),
        ),
    );
    for (const one of crowd) one.open();
    await vi.advanceTimersByTimeAsync(0);
    for (const peer of FakePeer.made) peer.ice("connected");
    await vi.advanceTimersByTimeAsync(100);
    const called = server.count("POST");
    expect(called).toBe(200);
    server.life = "life2";

    const asked: number[] = [];
    for (let second = 0; second < 24; second++) {
      const before = server.count("GET /readyz");
      await vi.advanceTimersByTimeAsync(1_000);
      asked.push(server.count("GET /readyz") - before);
    }
    for (const one of crowd) one.close();

    expect(Math.max(...asked)).toBeLessThanOrEqual(40);
    expect(server.count("POST") - called).toBeGreaterThanOrEqual(200);
  });

  it("hands on what comes over the data channel", async () => {
    await connect();
    newestPeer().message('{"id": "e1-1"}');

    expect(messages).toEqual(['{"id": "e1-1"}']);
  });

  it("calls over a call that plays on until the new one does", async () => {
    await connect();
    const [before] = FakePeer.made;
    connection.open();
    await vi.advanceTimersByTimeAsync(0);

    expect(FakePeer.made).toHaveLength(2);
    expect(before?.isClosed).toBe(false);
    expect(receivers).toHaveLength(1);
    newestPeer().ice("connected");
    await vi.advanceTimersByTimeAsync(0);
    expect(before?.isClosed).toBe(true);
    expect(receivers).toEqual([before?.receiver, newestPeer().receiver]);
    expect(server.asked.at(-1)).toBe("DELETE /api/v1/calls/c1");
    expect(states).toEqual(["calling", "connected"]);
  });

  it("looks for the way back when neither a new call over a playing one has sound nor that", async () => {
    await connect();
    connection.open();
    await vi.advanceTimersByTimeAsync(NO_PATH_MS + 2_500);
    newestPeer().ice("connected");
    await vi.advanceTimersByTimeAsync(0);

    expect(FakePeer.made.slice(0, 2).map((peer) => peer.isClosed)).toEqual([true, true]);
    expect(states).toEqual(["calling", "connected", "reconnecting", "connected"]);
  });

  it("hears nothing more from a call it has replaced", async () => {
    await connect();
    await vi.advanceTimersByTimeAsync(2_500);
    FakePeer.made[0]?.message("old news");
    FakePeer.made[0]?.ice("failed");

    expect(messages).toEqual([]);
    expect(server.count("PATCH")).toBe(0);
  });

  it("hangs up for good: the call is ended, nothing is asked again", async () => {
    await connect();
    connection.close();
    await vi.advanceTimersByTimeAsync(60_000);

    expect(server.asked.at(-1)).toBe("DELETE /api/v1/calls/c1");
    expect(server.count("POST")).toBe(1);
    expect(newestPeer().isClosed).toBe(true);
  });

  it("closes without a word a call that the server has ended", async () => {
    await connect();
    connection.drop();
    await vi.advanceTimersByTimeAsync(60_000);

    expect(newestPeer().isClosed).toBe(true);
    expect(server.count("DELETE")).toBe(0);
    expect(states.at(-1)).toBe("closed");
  });

  it("ends a call that was answered after hanging up", async () => {
    connection.open();
    connection.close();
    await vi.advanceTimersByTimeAsync(1_000);

    expect(newestPeer().isClosed).toBe(true);
    expect(states.at(-1)).toBe("closed");
    expect(newestPeer().remoteDescription).toBeNull();
  });
});

function ignored(windowMs: () => number): ConnectionListener {
  const nothing = () => {};
  return { state: nothing, refused: nothing, waits: nothing, windowMs, receiver: nothing, message: nothing };
}
