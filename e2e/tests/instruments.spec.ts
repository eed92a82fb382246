import type { Page } from "@playwright/test";
import { expect, test } from "../people.ts";

const ROOM = "http://localhost/instruments";

test("a voice is heard at its own pitch and at no other", async ({ person }) => {
  const ama = await person("ama", { voice: 330 });
  const ben = await person("ben", { voice: 470 });

  await hearOneself(ama.page);

  await expect(ama).toHear(ama);
  await expect(ama).not.toHear(ben);
  expect(await ama.microphoneAsked()).toBe(1);
});

test("a voice whose track is off, or whose sound is paused, is not heard", async ({ person }) => {
  const ama = await person("ama", { voice: 330 });
  await hearOneself(ama.page);
  await expect(ama).toHear(ama);

  await ama.page.evaluate(() => document.querySelector("audio")?.pause());
  await expect(ama).not.toHear(ama);
  await ama.page.evaluate(() => document.querySelector("audio")?.play());
  await expect(ama).toHear(ama);

  await ama.page.evaluate(() => {
    const [sender] =
      (window as unknown as { callsMade: RTCPeerConnection[] }).callsMade[0]?.getSenders() ?? [];
    if (sender?.track) sender.track.enabled = false;
  });
  await expect(ama).not.toHear(ama);
});

test("a microphone that was refused, or is not there, fails as browsers say it", async ({ person }) => {
  const denied = await person("ama", { microphone: "denied" });
  const missing = await person("ben", { microphone: "missing" });

  await expect(hearOneself(denied.page)).rejects.toThrow("NotAllowedError");
  await expect(hearOneself(missing.page)).rejects.toThrow("NotFoundError");
});

/** Open an empty page in which one's own microphone goes through a call to oneself into its `<audio>` element. */
async function hearOneself(page: Page): Promise<void> {
  await page.route(ROOM, (route) => route.fulfill({ contentType: "text/html", body: "<audio></audio>" }));
  await page.goto(ROOM);
  await page.evaluate(async () => {
    const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
    const here = new RTCPeerConnection();
    const there = new RTCPeerConnection();
    here.onicecandidate = ({ candidate }) => void there.addIceCandidate(candidate ?? undefined);
    there.onicecandidate = ({ candidate }) => void here.addIceCandidate(candidate ?? undefined);
    const arrived = new Promise<MediaStream>((resolve) => {
      there.ontrack = ({ track }) => resolve(new MediaStream([track]));
    });
    here.addTrack(microphone.getAudioTracks()[0] as MediaStreamTrack);
    await here.setLocalDescription();
    await there.setRemoteDescription(here.localDescription as RTCSessionDescription);
    await there.setLocalDescription();
    await here.setRemoteDescription(there.localDescription as RTCSessionDescription);
    const audio = document.querySelector("audio") as HTMLAudioElement;
    audio.srcObject = await arrived;
    await audio.play();
  });
}
