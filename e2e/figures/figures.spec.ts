/** Figures that only real browsers can give. Each person is a browser process of its own. */
import { test as base, expect, type Person, type PersonOptions } from "../people.ts";
import { writeBursts, writeSilence, writeVoice } from "../voice.ts";
import { follow, type Moment, moments } from "./moments.ts";
import { repetitions, report } from "./readings.ts";

const PITCH = 440;
/** A sound that takes longer is lost, and counts as this long: shorter than any pause between two of them. */
const LONGEST_WAY_MS = 450;

const test = base.extend<{ table: Table }>({
  table: async ({ person }, use) => use(new Table(person)),
});

test("from mouth to ear", async ({ table }) => {
  const ama = await table.host(writeBursts);
  const ben = await table.listener();
  await expect.poll(async () => (await onsets(ben)).length).toBeGreaterThan(2);
  const from = Date.now();
  const wanted = repetitions("bursts");

  await expect
    .poll(async () => (await onsets(ama, from)).length, { timeout: wanted * 2_000 })
    .toBeGreaterThan(wanted);

  const said = (await onsets(ama, from)).slice(0, wanted);
  const heard = await onsets(ben, from);
  const ways = said.map((mouth) => {
    const arrived = heard.find((ear) => ear > mouth) ?? Number.POSITIVE_INFINITY;
    return Math.min(arrived - mouth, LONGEST_WAY_MS);
  });
  report("mouth_to_ear_ms", ways);
});

test("from the tap to the sound", async ({ table }) => {
  await table.host();
  const ben = await table.visitor();
  const waits: number[] = [];
  // The first visit fills the browser's cache and does not count.
  for (let visit = 0; visit <= repetitions("taps"); visit++) {
    await ben.page.goto(table.path);
    await expect(button(ben, "Start listening")).toBeVisible();
    await ben.page.evaluate(() => new Promise((idle) => requestIdleCallback(idle)));
    const tapped = await tap(ben, "Start listening");
    const sound = await onset(ben, tapped);
    if (visit > 0) waits.push(sound - tapped);
    await button(ben, "Leave").click();
  }
  report("tap_to_sound_ms", waits);
});

test("from kill -9 to the sound", async ({ table, server }) => {
  await table.host();
  const ben = await table.listener();
  const waits: number[] = [];
  for (let time = 0; time < repetitions("kills"); time++) {
    const calls = await ben.callsMade();
    const killed = Date.now();
    await server.kill();
    await server.start();
    // What the old call still had in its buffer does not count: sound has to come from a new one.
    waits.push(((await onset(ben, killed, calls)) - killed) / 1000);
    await expect(button(ben, "Leave")).toBeVisible();
  }
  report("back_after_kill_s", waits);
});

test("from a change of network to sound on the new path", async ({ table }) => {
  await table.host();
  const ben = await table.listener();
  const waits: number[] = [];
  for (let change = 0; change < repetitions("restarts"); change++) {
    const { began, done } = await newPath(ben);
    expect(await ben.page.evaluate(() => document.querySelector("audio")?.paused)).toBe(false);
    const gone = (await moments(ben.page)).filter(({ at, isLoud }) => !isLoud && at > began).length > 0;
    const sound = gone ? await onset(ben, began) : done;
    waits.push((Math.max(sound, done) - began) / 1000);
  }
  report("path_restart_s", waits);
});

test("from a mute, and from a removal, to silence", async ({ table }) => {
  const ama = await table.host();
  const ben = await table.listener();
  const mutes: number[] = [];
  for (let time = 0; time < repetitions("mutes"); time++) {
    const asked = Date.now();
    expect(await ama.request("PUT", `${table.path}/mutes/me`)).toBe(204);
    mutes.push((await end(ben, asked)) - asked);
    await ama.unmute();
    await onset(ben, asked);
  }
  report("mute_to_silence_ms", mutes);

  const removals: number[] = [];
  for (let time = 0; time < repetitions("mutes"); time++) {
    const guest = time === 0 ? ben : await table.listener();
    const asked = Date.now();
    expect(await ama.request("PUT", `${table.path}/removals/${await idOf(guest)}`)).toBe(204);
    removals.push((await end(guest, asked)) - asked);
    await guest.page.close();
  }
  report("removal_to_silence_ms", removals);
});

test("from a suspension to silence, at and of who was suspended", async ({ table, server }) => {
  const ama = await table.host();
  await server.makeStaff("mo", "moderator");
  const mo = await table.account("mo");
  await mo.signIn();
  const ben = await table.listener();
  const ears: number[] = [];
  const voices: number[] = [];
  for (let time = 0; time < repetitions("mutes"); time++) {
    const chidi = await table.account(`chidi${time}`);
    await chidi.signUp();
    await chidi.listen(table.path);
    await onset(chidi, 0);
    const asked = Date.now();
    expect(await suspend(mo, chidi)).toBe(204);
    ears.push((await end(chidi, asked)) - asked);
    await chidi.page.close();
  }
  // From here on the host is silent, so that who is heard is the one who is suspended.
  expect(await ama.request("PUT", `${table.path}/mutes/me`)).toBe(204);
  expect(await ama.request("PATCH", table.path, { speak_policy: "everyone" })).toBe(200);
  for (let time = 0; time < repetitions("mutes"); time++) {
    const dora = await table.account(`dora${time}`, { voice: PITCH });
    await dora.signUp();
    await dora.listen(table.path);
    await expect.poll(async () => (await moments(ben.page)).at(-1)?.isLoud ?? false).toBe(false);
    const before = Date.now();
    expect(await dora.request("PUT", `${table.path}/stage/me`, { role: "speaker" })).toBe(200);
    await dora.unmute();
    await onset(ben, before);
    const asked = Date.now();
    expect(await suspend(mo, dora)).toBe(204);
    voices.push((await end(ben, asked)) - asked);
    await dora.page.close();
  }
  report("suspension_to_silence_ms", [...ears, ...voices]);
});

function suspend(moderator: Person, person: Person): Promise<number> {
  const body = { until: null, words: "Threats." };
  return moderator.request("PUT", `/moderation/people/@${person.name}/suspension`, body);
}

type Introduce = (name: string, options?: PersonOptions) => Promise<Person>;

test("from Next! to the next voice", async ({ table, person }) => {
  const ama = await table.host(writeSilence);
  const ben = await table.visitor();
  await ben.listen(table.path);
  expect(await ama.request("PUT", `${table.path}/queue`, { policy: "fast_lane" })).toBe(200);
  const singers = [await person("efua", { voice: PITCH }), await person("femi", { voice: PITCH })];
  for (const singer of singers) {
    await singer.signUp();
    await singer.listen(table.path);
  }
  const waits: number[] = [];
  for (let time = 0; time < repetitions("mutes"); time++) {
    const singer = singers[time % 2] as Person;
    await askToBeHeard(singer);
    const before = singers[(time + 1) % 2] as Person;
    // Silence first, so that what begins is the next voice and nothing else.
    if (time > 0) expect(await before.request("PUT", `${table.path}/mutes/me`)).toBe(204);
    await expect.poll(async () => (await moments(ben.page)).at(-1)?.isLoud ?? false).toBe(false);
    const asked = Date.now();
    expect(await ama.request("POST", `${table.path}/queue/next`, {})).toBe(200);
    waits.push((await onset(ben, asked)) - asked);
  }
  report("next_to_heard_ms", waits);
});

/** Ask to speak, with the microphone open already for the moment one is up. */
async function askToBeHeard(person: Person): Promise<void> {
  await button(person, "Ask to speak").click();
  const sheet = person.page.getByRole("dialog");
  await sheet.getByRole("button", { name: "Ask to speak" }).click();
  await person.page.getByRole("button", { name: /You are next|in line/ }).click();
  await sheet.getByRole("button", { name: "Check my microphone" }).click();
  await sheet.getByRole("switch", { name: "Be heard as soon as I am up" }).click();
  await expect(sheet.getByText("Ready", { exact: true })).toBeVisible();
  await sheet.getByRole("button", { name: "Keep listening" }).click();
}

/** A live space, and the people who come to it. */
class Table {
  path = "";
  #listeners = 0;
  readonly #introduce: Introduce;

  constructor(introduce: Introduce) {
    this.#introduce = introduce;
  }

  /** Ama, who opens the space and speaks in it from now on. */
  async host(sound: (path: string, pitch: number) => void = writeVoice): Promise<Person> {
    const ama = await this.#person("ama", { voice: PITCH, sound: (path) => sound(path, PITCH) });
    await ama.signUp();
    this.path = await ama.openSpace("Bench");
    await ama.unmute();
    return ama;
  }

  /** Somebody without an account, before any page. */
  visitor(): Promise<Person> {
    return this.#person(`ben${++this.#listeners}`);
  }

  /** Somebody who will have an account, before any page. */
  account(name: string, options?: PersonOptions): Promise<Person> {
    return this.#person(name, options);
  }

  /** Somebody without an account who hears the host. */
  async listener(): Promise<Person> {
    const ben = await this.visitor();
    await ben.listen(this.path);
    await onset(ben, 0);
    return ben;
  }

  async #person(name: string, options?: PersonOptions): Promise<Person> {
    const somebody = await this.#introduce(name, options);
    await somebody.page.addInitScript(follow);
    return somebody;
  }
}

function button(person: Person, name: string) {
  return person.page.getByRole("button", { name, exact: true });
}

/** When the sounds began at this person: at the microphone of who has one, else in what is received. */
async function onsets(person: Person, from = 0): Promise<number[]> {
  const isHere = ({ on }: Moment) => (on === "microphone") === (person.voice !== undefined);
  const all = await moments(person.page);
  return all.filter((moment) => moment.isLoud && moment.at > from && isHere(moment)).map(({ at }) => at);
}

/** Wait for the first sound received after a moment, on a call whose number is at least `fromCall`. */
function onset(person: Person, after: number, fromCall = 0): Promise<number> {
  return when(person, ({ on, isLoud, at }) => isLoud && on !== "microphone" && on >= fromCall && at > after);
}

/** Wait for the received sound to end after a moment. */
function end(person: Person, after: number): Promise<number> {
  return when(person, ({ on, isLoud, at }) => !isLoud && on !== "microphone" && at > after);
}

async function when(person: Person, isIt: (moment: Moment) => boolean): Promise<number> {
  let found: Moment | undefined;
  await expect
    .poll(
      async () => {
        found = (await moments(person.page)).find(isIt);
        return found !== undefined;
      },
      { timeout: 20_000, intervals: [50] },
    )
    .toBe(true);
  return found?.at ?? Number.NaN;
}

/** Tap a button and say when the page felt it. */
async function tap(person: Person, name: string): Promise<number> {
  await person.page.evaluate(() => {
    const felt = () => {
      (window as unknown as { tapped: number }).tapped = performance.timeOrigin + performance.now();
    };
    addEventListener("click", felt, { capture: true, once: true });
  });
  await button(person, name).click();
  return person.page.evaluate(() => (window as unknown as { tapped: number }).tapped);
}

function idOf(person: Person): Promise<string> {
  return person.page.evaluate(async () => {
    const me = (await (await fetch("/api/v1/me")).json()) as { id: string };
    return me.id;
  });
}

/**
 * Let the page believe that the device changed its network, and wait until packets of sound come on a pair of
 * candidates that was not there before.
 */
function newPath(person: Person): Promise<{ began: number; done: number }> {
  return person.page.evaluate(async () => {
    const LIMIT_MS = 10_000;
    const LOOK_EVERY_MS = 20;
    const { callsMade } = window as unknown as { callsMade: RTCPeerConnection[] };
    const clock = () => performance.timeOrigin + performance.now();
    const path = async () => {
      const stats = [...(await (callsMade.at(-1) as RTCPeerConnection).getStats()).values()];
      const byId = (wanted: string) => stats.find(({ id }) => id === wanted);
      const byType = (wanted: string) => stats.find(({ type }) => type === wanted);
      const pair = byId(byType("transport")?.selectedCandidatePairId);
      const secret = byId(pair?.localCandidateId)?.usernameFragment;
      return { secret, packets: byType("inbound-rtp")?.packetsReceived as number };
    };
    const { secret } = await path();
    const began = clock();
    let packets = Number.POSITIVE_INFINITY;
    dispatchEvent(new Event("online"));
    while (clock() - began < LIMIT_MS) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      const now = await path();
      if (now.packets > packets) return { began, done: clock() };
      // The first packet counts that comes after the new credentials (RFC 8445, 9) are in use.
      if (now.secret !== secret) packets = Math.min(packets, now.packets);
    }
    throw new Error("No new path was found.");
  });
}
