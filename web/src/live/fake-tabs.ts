/** The Web Locks and broadcast channels of one browser, for tests of what several tabs do together. */

type Grant = () => Promise<void>;

interface Waiting {
  grant: Grant;
  reject(error: Error): void;
  resolve(): void;
}

/** One tab's end of a channel. A frozen tab gets nothing, and keeps what it holds. */
export class FakeChannel {
  static all: FakeChannel[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;
  isFrozen = false;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
    FakeChannel.all.push(this);
  }

  postMessage(data: unknown): void {
    const others = FakeChannel.all.filter((other) => other !== this && other.#name === this.#name);
    // A copy, as between real tabs: what cannot be cloned fails here too.
    const copy = structuredClone(data);
    for (const other of others)
      queueMicrotask(() => {
        if (!other.isFrozen && FakeChannel.all.includes(other)) other.onmessage?.({ data: copy });
      });
  }

  close(): void {
    FakeChannel.all = FakeChannel.all.filter((other) => other !== this);
  }
}

/** Exclusive locks with stealing (Web Locks API, 3.2); a request that is aborted leaves the line. */
export class FakeLocks {
  readonly #holders = new Map<string, Waiting>();
  readonly #lines = new Map<string, Waiting[]>();

  request(name: string, options: { signal?: AbortSignal; steal?: boolean }, grant: Grant): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = { grant, resolve, reject };
      if (options.steal) return this.#steal(name, waiting);
      this.#lines.set(name, [...this.#line(name), waiting]);
      options.signal?.addEventListener("abort", () => {
        this.#lines.set(
          name,
          this.#line(name).filter((other) => other !== waiting),
        );
        reject(new DOMException("", "AbortError"));
      });
      queueMicrotask(() => this.#next(name));
    });
  }

  #line(name: string): Waiting[] {
    return this.#lines.get(name) ?? [];
  }

  #steal(name: string, thief: Waiting): void {
    this.#holders.get(name)?.reject(new DOMException("", "AbortError"));
    this.#give(name, thief);
  }

  #next(name: string): void {
    if (this.#holders.has(name)) return;
    const [first, ...rest] = this.#line(name);
    this.#lines.set(name, rest);
    if (first) this.#give(name, first);
  }

  #give(name: string, waiting: Waiting): void {
    this.#holders.set(name, waiting);
    void waiting.grant().then(() => {
      waiting.resolve();
      if (this.#holders.get(name) !== waiting) return;
      this.#holders.delete(name);
      this.#next(name);
    });
  }
}
