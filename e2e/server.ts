/** The real server, as `make run` starts it, on free ports and a data folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CONVIVIUM = fileURLToPath(new URL("../.venv/bin/convivium", import.meta.url));
const PYTHON = fileURLToPath(new URL("../.venv/bin/python", import.meta.url));
const STALLING = fileURLToPath(new URL("stalling_server.py", import.meta.url));
/** Of everybody in these tests. */
export const PASSWORD = "a long table for all";
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;
const ADDRESS = /Convivium (http:\/\/\S+:(\d+))\s+\(UDP (\d+)/;

export class Server {
  /** Everything the server printed, over all its starts. */
  output = "";
  /** What its environment says beside the command line; nobody in these tests links to a page that is there. */
  settings: Record<string, string> = { CONVIVIUM_LINK_CARDS: "false" };
  readonly data = mkdtempSync(join(tmpdir(), "convivium-e2e-"));
  #process: ChildProcess | undefined;
  #url = "";
  // 0 takes free ports at the first start; later starts keep them, as people's browsers do.
  #ports = { http: "0", udp: "0" };

  /** Where its page is, without a slash at the end. */
  get url(): string {
    return this.#url;
  }

  /** Its process id, as it says itself. */
  get pid(): number {
    return Number(readFileSync(join(this.data, "convivium.pid"), "utf8"));
  }

  /** Start, or start again after `kill` or `stop`; resolves when it is ready to serve. */
  start(): Promise<void> {
    return this.#startAs(CONVIVIUM, []);
  }

  /** The same, able to `stall`. */
  startAbleToStall(): Promise<void> {
    return this.#startAs(PYTHON, [STALLING]);
  }

  /** Let Python stand still for ten seconds from now; what is not Python goes on. */
  stall(): void {
    this.#process?.kill("SIGUSR1");
  }

  async #startAs(program: string, before: string[]): Promise<void> {
    const from = this.output.length;
    this.#process = spawn(program, [...before, ...this.#command()], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...this.settings },
    });
    this.#process.stdout?.on("data", (text) => this.#print(text));
    this.#process.stderr?.on("data", (text) => this.#print(text));
    const deadline = Date.now() + START_LIMIT_MS;
    while (!this.#readAddress(from) || !(await this.#isReady())) {
      if (this.#hasEnded() || Date.now() > deadline) {
        throw new Error(`The server did not start:\n${this.output.slice(from)}`);
      }
      await pause(50);
    }
  }

  /** End it the hard way, as a crash or a power cut does. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** End it as Ctrl-C does; gives its exit code and how many milliseconds it took. */
  async stop(): Promise<{ code: number | null; took: number }> {
    const started = performance.now();
    const code = await this.#end("SIGINT");
    return { code, took: performance.now() - started };
  }

  /** Fill the folder with the demo, as the first `make run` does. The server must not be running. */
  async fillDemo(): Promise<void> {
    const [code] = (await once(spawn(CONVIVIUM, ["demo", "--data", this.data]), "exit")) as [number];
    if (code !== 0) throw new Error("The demo could not be made.");
  }

  /** Make an account for somebody who looks after this instance, as its operator does. */
  async makeStaff(name: string, role: "moderator" | "admin"): Promise<void> {
    const made = spawn(CONVIVIUM, [
      "user",
      "create",
      name,
      "--role",
      role,
      "--password-stdin",
      "--data",
      this.data,
    ]);
    made.stdin.end(PASSWORD);
    const [code] = (await once(made, "exit")) as [number];
    if (code !== 0) throw new Error(`The account of ${name} could not be made.`);
  }

  /** End it for good and take its data folder away. */
  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.data, { recursive: true, force: true });
  }

  #command(): string[] {
    const { http, udp } = this.#ports;
    return ["serve", "--data", this.data, "--host", "127.0.0.1", "--port", http, "--udp-port", udp];
  }

  #print(text: unknown): void {
    this.output += String(text);
  }

  #readAddress(from: number): boolean {
    const [, url, http, udp] = ADDRESS.exec(this.output.slice(from)) ?? [];
    if (!url || !http || !udp) return false;
    this.#url = url;
    this.#ports = { http, udp };
    return true;
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.#url}/readyz`, { signal: AbortSignal.timeout(1_000) })).ok;
    } catch {
      return false;
    }
  }

  #hasEnded(): boolean {
    return this.#process?.exitCode !== null || this.#process.signalCode !== null;
  }

  async #end(signal: "SIGKILL" | "SIGINT"): Promise<number | null> {
    const process = this.#process;
    if (!process || this.#hasEnded()) return process?.exitCode ?? null;
    const exited = once(process, "exit");
    process.kill(signal);
    const stuck = setTimeout(() => process.kill("SIGKILL"), STOP_LIMIT_MS);
    await exited;
    clearTimeout(stuck);
    return process.exitCode;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
