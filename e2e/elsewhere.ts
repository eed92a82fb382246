/** What a server has around it, for a test: a provider to sign in by, and a mail server whose letters one can read. */
import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Server } from "./server.ts";

const PYTHON = fileURLToPath(new URL("../.venv/bin/python", import.meta.url));
const PROGRAM = fileURLToPath(new URL("elsewhere.py", import.meta.url));
/** The tests of the server have both. */
const TESTS = fileURLToPath(new URL("../server", import.meta.url));
const LIMIT_MS = 20_000;

interface Around {
  provider: { issuer: string; client_id: string; client_secret: string };
  mail: number;
}

export class Elsewhere {
  readonly #process: ChildProcess;
  readonly #letters: string[] = [];
  #around: Around | undefined;

  constructor() {
    const env = { ...process.env, PYTHONPATH: TESTS };
    this.#process = spawn(PYTHON, [PROGRAM], { env, stdio: ["ignore", "pipe", "inherit"] });
    if (!this.#process.stdout) throw new Error("Nothing can be read of it.");
    createInterface(this.#process.stdout).on("line", (line) => {
      const said = JSON.parse(line) as Partial<Around> & { letter?: string };
      if (said.letter !== undefined) this.#letters.push(said.letter);
      else this.#around = said as Around;
    });
  }

  /** Let a server know of both, which takes a start. */
  async introduce(server: Server): Promise<void> {
    const { provider, mail } = await until(() => this.#around);
    const said = [
      "outside_local = true",
      'smtp_host = "127.0.0.1"',
      `smtp_port = ${mail}`,
      'smtp_tls = "none"',
      'mail_from = "table@example.org"',
      `public_url = "${server.url}"`,
      "[[oidc]]",
      'id = "library"',
      'label = "Göteborg Library"',
      ...Object.entries(provider).map(([name, value]) => `${name} = ${JSON.stringify(value)}`),
    ];
    await server.stop();
    writeFileSync(join(server.data, "config.toml"), `${said.join("\n")}\n`);
    await server.start();
  }

  /** Be somebody else at the provider from now on; with nothing, nobody who goes on. */
  async be(person: object): Promise<void> {
    const { provider } = await until(() => this.#around);
    await fetch(new URL("/person", provider.issuer), { method: "PUT", body: JSON.stringify(person) });
  }

  /** The next letter, as plain text. */
  letter(): Promise<string> {
    return until(() => this.#letters.shift());
  }

  dispose(): void {
    this.#process.kill("SIGKILL");
  }
}

async function until<T>(look: () => T | undefined): Promise<T> {
  const deadline = Date.now() + LIMIT_MS;
  while (Date.now() < deadline) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("It did not come.");
}
