/**
 * What each client says and is asked, one JSON object a line, whatever its language.
 *
 * It is started with the name of a file that holds its voice: a line for each 20 ms, in hexadecimal, an Opus
 * packet or 16-bit sound as the client needs it (`convivium-voice`). It speaks from the moment it can.
 *
 * It says:    {"offer", "version"?}   a whole offer, candidates included; first of all, and when asked to restart
 *             {"state"}               of its connection, by the W3C's names
 *             {"opus"} or {"pcm"}     what it hears, in hexadecimal: a packet, or sound as above
 *             {"message"}             of the data channel
 *             {"unable"}              why it cannot do what it is asked
 * It is asked {"answer"}              to take this answer
 *             {"restart": true}       to restart ICE and make the offer for it
 * and ends when its input does.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const FRAME_MS = 20;

interface Tasks {
  answer: (sdp: string) => unknown;
  restart: () => unknown;
}

/** Say something to whoever started this. */
export function tell(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

/** The version of a package of this folder. */
export function versionOf(name: string): string {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** What is asked, one after the other, until nobody asks any more. */
export async function* requests<Asked>(): AsyncGenerator<Asked> {
  for await (const line of createInterface({ input: process.stdin })) yield JSON.parse(line) as Asked;
}

/** Answer and restart as asked, then end. */
export async function serve({ answer, restart }: Tasks): Promise<never> {
  for await (const asked of requests<{ answer?: string; restart?: boolean }>()) {
    if (asked.answer) await answer(asked.answer);
    if (asked.restart) await restart();
  }
  // Native threads would keep it alive.
  process.exit(0);
}

/** Hand over the 20 ms that are due, again and again from the beginning of the file. */
export function speak(utter: (frame: Buffer, number: number) => void): void {
  const [, , path = ""] = process.argv;
  const frames = readFileSync(path, "ascii").trim().split("\n");
  const began = performance.now();
  let spoken = 0;
  setInterval(() => {
    while (began + spoken * FRAME_MS <= performance.now()) {
      utter(Buffer.from(frames[spoken % frames.length] ?? "", "hex"), spoken++);
    }
  }, FRAME_MS / 2);
}
