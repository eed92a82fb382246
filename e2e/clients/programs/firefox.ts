/**
 * Firefox on the real page, with a microphone of its own that sounds one steady tone.
 *
 *     firefox.ts FIREFOX TONE
 *
 * It is asked what a person does, and says "did" after each, or "unable" and why:
 *   {"open": address, "account": {...}}   sign up and open this page
 *   {"tap": label}                        press the button with this label
 *   {"network": true}                     let the page know that the network has changed
 *   {"listen": [pitch, ...]}              say how loud these pitches are in what the page plays: {"level"} in dBFS
 *   {"names": true}                       say the ICE names of its open calls, the newest last
 *   {"see": words}                        wait until the page shows these words
 * By itself it tells each {"message"} of a data channel.
 */
import puppeteer from "puppeteer-core";
import { loudest, prepare } from "../../ear.ts";
import { requests, tell } from "./lines.ts";

const LISTEN_MS = 400;
const LIMIT_MS = 10_000;

interface Asked {
  open?: string;
  account?: object;
  tap?: string;
  network?: boolean;
  listen?: number[];
  names?: boolean;
  see?: string;
}

const [, , firefox = "", tone = ""] = process.argv;
const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: firefox,
  extraPrefsFirefox: {
    "media.navigator.audio.fake_frequency": Number(tone),
    "media.navigator.permission.disabled": true,
    "media.navigator.streams.fake": true,
  },
});
const page = await browser.newPage();
page.setDefaultTimeout(LIMIT_MS);
await page.exposeFunction("tellMessage", (message: string) => tell({ message }));
await page.evaluateOnNewDocument(prepare);
await page.evaluateOnNewDocument(noteChannels);
tell({ version: (await browser.version()).replace("firefox/", "") });

for await (const asked of requests<Asked>()) {
  try {
    await act(asked);
    tell({ did: Object.keys(asked)[0] });
  } catch (error) {
    tell({ unable: String(error) });
  }
}
await browser.close();

async function act({ open, account, tap, network, listen, names, see }: Asked): Promise<void> {
  if (open) await enter(open, account);
  if (tap) await page.locator(`::-p-aria([name="${tap}"][role="button"])`).click();
  if (network) await page.evaluate(() => window.dispatchEvent(new Event("online")));
  if (listen) tell({ level: Math.max(...(await loudest(page as never, listen, LISTEN_MS))) });
  if (names) tell({ names: await page.evaluate(iceNames) });
  if (see) await page.waitForFunction((words) => document.body.textContent.includes(words), {}, see);
}

async function enter(address: string, account?: object): Promise<void> {
  await page.goto(address);
  const status = await page.evaluate(async (account) => {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch("/api/v1/accounts", {
      method: "POST",
      headers,
      body: JSON.stringify(account),
    });
    return answer.status;
  }, account);
  if (status !== 201) throw new Error(`signing up was refused with ${status}`);
  await page.reload();
}

/** Before any script of the page, after `prepare`: tell what its data channels bring. */
function noteChannels(): void {
  const told = window as unknown as { tellMessage: (message: string) => Promise<void> };
  const create = RTCPeerConnection.prototype.createDataChannel;
  RTCPeerConnection.prototype.createDataChannel = function (...words) {
    const channel = create.apply(this, words);
    channel.addEventListener("message", ({ data }) => void told.tellMessage(String(data)));
    return channel;
  };
}

function iceNames(): string[] {
  const { callsMade } = window as unknown as { callsMade: RTCPeerConnection[] };
  const open = callsMade.filter((call) => call.signalingState !== "closed");
  return open.flatMap((call) => /a=ice-ufrag:(\S+)/.exec(call.localDescription?.sdp ?? "")?.[1] ?? []);
}
