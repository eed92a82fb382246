/**
 * What a test begins with: a server, and people. Each person is a browser process of its own, because the
 * microphone's sound belongs to the process.
 *
 *     test("Ben hears Ama", async ({ person }) => {
 *       const ama = await person("ama", { voice: 440 });
 *       const ben = await person("ben");
 *       ...
 *       await expect(ben).toHear(ama);
 *       await expect(ama).not.toHear(ama);
 *     });
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { type Browser, test as base, expect as baseExpect, chromium, type Page } from "@playwright/test";
import { AUDIBLE_DB, loudest, prepare, sourcesHeard } from "./ear.ts";
import { PASSWORD, Server } from "./server.ts";
import { writeSilence, writeVoice } from "./voice.ts";

/** How long it must stay silent before we say that somebody is not heard: many syllables of a voice. */
const SILENCE_MS = 1_500;

export interface PersonOptions {
  /** Pitch of the voice in Hz; without one the microphone is silent. Take pitches that are no multiples of each other. */
  voice?: number;
  /** What happens when the page asks for the microphone; "missing": the machine has none. */
  microphone?: "allowed" | "denied" | "missing";
  /** A sound of one's own for the microphone, made by whoever asks for this person; `voice` then only names it. */
  sound?: (path: string) => void;
  viewport?: { width: number; height: number };
  colorScheme?: "light" | "dark";
  /** What the browser asks pages to be in; English if nothing is said. */
  locale?: string;
}

/** Somebody at a browser. */
export class Person {
  /** Errors that no script of the page caught. A test fails at its end if there are any. */
  readonly errors: string[] = [];

  readonly name: string;
  readonly page: Page;
  readonly voice: number | undefined;
  #callAddress = "";

  constructor(name: string, page: Page, voice: number | undefined) {
    this.name = name;
    this.page = page;
    this.voice = voice;
    page.on("response", (response) => {
      if (response.url().endsWith("/call"))
        this.#callAddress = response.headers().location ?? this.#callAddress;
    });
    page.on("pageerror", (error) => this.errors.push(`${name}: ${error.stack ?? error.message}`));
  }

  /** Make an account by the API and be signed in to it, for tests that are not about signing up. */
  async signUp(): Promise<void> {
    const account = { name: this.name, password: PASSWORD, display_name: this.displayName };
    await this.page.goto("/");
    expect(await this.post("/accounts", account)).toBe(201);
    await this.page.reload();
  }

  /** Be signed in to an account that is there already. */
  async signIn(): Promise<void> {
    await this.page.goto("/");
    expect(await this.post("/sessions", { name: this.name, password: PASSWORD })).toBe(201);
    await this.page.reload();
  }

  /** Sign in on the screen for it, whatever comes of it. */
  async fillSignIn(): Promise<void> {
    await this.page.getByLabel("Name", { exact: true }).fill(this.name);
    await this.page.getByLabel("Password").fill(PASSWORD);
    await this.page.getByRole("button", { name: "Sign in" }).click();
  }

  get displayName(): string {
    return this.name.charAt(0).toUpperCase() + this.name.slice(1);
  }

  /** Open a space from the home screen and be in it as its host; gives its path. */
  async openSpace(title: string): Promise<string> {
    await this.page.goto("/");
    await this.page.getByRole("button", { name: "Open a space" }).first().click();
    const sheet = this.page.getByRole("dialog");
    await sheet.getByLabel("Title").fill(title);
    await sheet.getByRole("button", { name: "Open a space" }).click();
    await this.page.waitForURL("**/spaces/*");
    return new URL(this.page.url()).pathname;
  }

  /** Come by the link and listen, with one tap. */
  async listen(path: string): Promise<void> {
    await this.page.goto(path);
    await this.page.getByRole("button", { name: "Start listening" }).click();
  }

  /** Open one's own microphone. */
  async unmute(): Promise<void> {
    await this.page.getByRole("button", { name: "Unmute", exact: true }).click();
    await expect(this.page.getByRole("button", { name: "Mute", exact: true })).toBeVisible();
  }

  /** Send a request of one's own, past the page; gives the status. */
  post(path: string, body?: object): Promise<number> {
    return this.request("POST", path, body);
  }

  /** Send any request with this browser's credentials; gives the status. */
  request(method: string, path: string, body?: object): Promise<number> {
    return this.page.evaluate(
      async ([method, path, body]) => {
        const answer = await fetch(`/api/v1${path}`, {
          method,
          ...(body && { headers: { "Content-Type": "application/json" }, body }),
        });
        return answer.status;
      },
      [method, path, body ? JSON.stringify(body) : ""] as const,
    );
  }

  /** How often the page has asked for the microphone since it was loaded. */
  microphoneAsked(): Promise<number> {
    return this.page.evaluate(() => (window as unknown as { microphoneAsked: number }).microphoneAsked);
  }

  /** How many calls the page has made since it was loaded. */
  callsMade(): Promise<number> {
    return this.page.evaluate(() => (window as unknown as { callsMade: unknown[] }).callsMade.length);
  }

  /** Address of the newest call, as `request` takes it. */
  get callAddress(): string {
    return new URL(this.#callAddress, this.page.url()).pathname.replace("/api/v1", "");
  }

  /** Offer a call of one's own, past the page; gives the status. */
  callPastThePage(space: string): Promise<number> {
    return this.page.evaluate(async (space) => {
      const call = new RTCPeerConnection();
      call.addTransceiver("audio");
      await call.setLocalDescription();
      const answer = await fetch(`/api/v1/spaces/${space}/call`, {
        method: "POST",
        headers: { "Content-Type": "application/sdp" },
        body: call.localDescription?.sdp ?? "",
      });
      call.close();
      return answer.status;
    }, space);
  }

  /** The sources (CSRC) this person's browser says it hears now. */
  sourcesHeard(): Promise<number[]> {
    return sourcesHeard(this.page);
  }

  /** How loud somebody's voice arrives here: dBFS, the loudest moment within `ms` milliseconds. */
  async loudness(of: Person, ms = 400): Promise<number> {
    if (of.voice === undefined) throw new Error(`${of.name} has no voice to listen for`);
    const [level] = await loudest(this.page, [of.voice], ms);
    return level ?? Number.NEGATIVE_INFINITY;
  }

  /** What axe finds wrong with the page as it is now: one line each. */
  async barriers(): Promise<string[]> {
    // Colours are judged where they have come to rest: what ends by itself is waited for.
    await this.page.evaluate(async () => {
      const ends = document.getAnimations().filter(({ playState, effect }) => {
        return playState === "running" && Number.isFinite(effect?.getComputedTiming().endTime);
      });
      await Promise.all(ends.map(({ finished }) => finished.catch(() => undefined)));
    });
    const { violations } = await new AxeBuilder({ page: this.page }).analyze();
    return violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes[0]?.target.join(" ")})`);
  }
}

interface Fixtures {
  server: Server;
  person: (name: string, options?: PersonOptions) => Promise<Person>;
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from this pattern
  server: async ({}, use, testInfo) => {
    const server = new Server();
    try {
      await server.start();
      await use(server);
    } finally {
      await server.dispose();
      if (testInfo.status !== testInfo.expectedStatus) {
        await testInfo.attach("server output", { body: server.output, contentType: "text/plain" });
      }
    }
  },

  person: async ({ server }, use) => {
    const folder = mkdtempSync(join(tmpdir(), "convivium-voices-"));
    const browsers: Browser[] = [];
    const people: Person[] = [];
    try {
      await use(async (name, options = {}) => {
        const browser = await chromium.launch(launchOptions(name, folder, options));
        browsers.push(browser);
        const { viewport = { width: 1280, height: 800 }, colorScheme = "light", locale = "en-US" } = options;
        const context = await browser.newContext({ baseURL: server.url, viewport, colorScheme, locale });
        await context.addInitScript(prepare);
        const somebody = new Person(name, await context.newPage(), options.voice);
        people.push(somebody);
        return somebody;
      });
      expect(people.flatMap(({ errors }) => errors)).toEqual([]);
    } finally {
      await Promise.all(browsers.map((browser) => browser.close()));
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

export const expect = baseExpect.extend({
  /** The voice arrives within the time; with `not`: it falls silent within the time, and stays so for a while. */
  async toHear(listener: Person, speaker: Person, { timeout = 10_000 }: { timeout?: number } = {}) {
    const deadline = Date.now() + timeout;
    const wanted = !this.isNot;
    let level: number;
    let heard: boolean;
    do {
      level = await listener.loudness(speaker, wanted ? 200 : SILENCE_MS);
      heard = level > AUDIBLE_DB;
    } while (heard !== wanted && Date.now() < deadline);
    const loudness = `${speaker.name} arrives at ${listener.name} with ${level.toFixed(0)} dBFS`;
    return { pass: heard, message: () => `${loudness}; ${AUDIBLE_DB} and above is heard` };
  },
});

function launchOptions(name: string, folder: string, options: PersonOptions) {
  const { microphone = "allowed", voice } = options;
  const file = join(folder, `${name}.wav`);
  const { sound = voice ? (path: string) => writeVoice(path, voice) : writeSilence } = options;
  sound(file);
  const device = ["--use-fake-device-for-media-stream", `--use-file-for-fake-audio-capture=${file}`];
  const answer = `--use-fake-ui-for-media-stream${microphone === "denied" ? "=deny" : ""}`;
  return {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      ...(microphone === "missing" ? [] : device),
      answer,
      // All sound stays on this machine, and candidates name its addresses instead of .local names.
      "--allow-loopback-in-peer-connection",
      "--disable-features=WebRtcHideLocalIpsWithMdns",
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ],
  };
}
