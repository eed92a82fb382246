import { expect, test } from "../e2e/people.ts";
import { QUICK, report } from "./figures.ts";
import { cpuMs, residentKb } from "./load.ts";

const LISTENERS = QUICK ? 60 : 150;
/** Long enough for handshakes to end and for what joined to settle. */
const SETTLE_MS = 5_000;

test("cost of a listener", async ({ person, server }, info) => {
  const ama = await person("ama");
  await ama.signUp();
  const path = await ama.openSpace("Bench");
  await ama.page.goto("/");
  await rest(SETTLE_MS);
  const before = { cpu: cpuMs(server.pid), kb: residentKb(server.pid) };

  await ama.page.evaluate(join, { address: `/api/v1${path}/call`, count: LISTENERS });
  const joined = cpuMs(server.pid);
  await rest(SETTLE_MS);
  const settled = { cpu: cpuMs(server.pid), kb: residentKb(server.pid) };

  const beside = `${LISTENERS} guests from one Chromium, HTTP and handshake included; goal 1.5 ms`;
  const perJoin = (joined - before.cpu) / LISTENERS;
  await report(info, "join_cpu_ms", { value: perJoin, unit: "ms", beside });
  const idle = ((settled.cpu - joined) / LISTENERS / (SETTLE_MS / 1000)) * 1000;
  await report(info, "idle_cpu_us_per_s", {
    value: idle,
    unit: "us/s",
    beside: "one connected listener of a silent space",
  });
  await report(info, "memory_per_listener_kb", {
    value: (settled.kb - before.kb) / LISTENERS,
    unit: "kB",
    beside: "resident memory of the whole process, engine and control plane",
  });
  expect(perJoin).toBeGreaterThan(0);
});

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** In the page: let many guests call, each with a connection of its own, ten at a time. */
async function join({ address, count }: { address: string; count: number }): Promise<void> {
  const kept = window as unknown as { guests: RTCPeerConnection[] };
  kept.guests = [];
  const one = async () => {
    const call = new RTCPeerConnection();
    kept.guests.push(call);
    call.addTransceiver("audio", { direction: "sendrecv" });
    call.createDataChannel("events", { negotiated: true, id: 0 });
    await call.setLocalDescription();
    const answer = await fetch(address, {
      method: "POST",
      credentials: "omit",
      headers: { "Content-Type": "application/sdp" },
      body: call.localDescription?.sdp ?? "",
    });
    if (answer.status !== 201) throw new Error(`A guest was refused: ${answer.status}`);
    await call.setRemoteDescription({ type: "answer", sdp: await answer.text() });
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("A guest did not connect.")), 20_000);
      const look = () => {
        if (call.connectionState !== "connected") return;
        clearTimeout(late);
        resolve();
      };
      call.addEventListener("connectionstatechange", look);
      look();
    });
  };
  for (let done = 0; done < count; done += 10) {
    await Promise.all(Array.from({ length: Math.min(10, count - done) }, one));
  }
}
