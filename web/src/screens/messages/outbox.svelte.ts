/**
 * What was written and is not sent yet. Each letter has its key from the beginning: however often it is tried,
 * and whatever became of an answer, it is written once. They outlive the screen, and a reload of the page.
 */

import { inWords, Refusal, Unreachable } from "../../api/errors";
import { type Letter, write } from "../../api/messages";
import { newKey } from "../../api/request-key";
import type { Written } from "../../api/types";
import { OUTBOX, whenForgotten } from "../../kept";
import { session } from "../../me.svelte";

export interface Waiting {
  readonly key: string;
  /** Whose letter it is: another person in this browser neither sees nor sends it. */
  readonly by: string;
  readonly letter: Letter;
  readonly state: "sending" | "failed";
  /** Why it was not sent. */
  readonly trouble: string;
  /** It may go by itself once there is a connection again. */
  readonly isLost: boolean;
}

class Outbox {
  #all: Waiting[] = $state.raw(restored());
  #sent: (written: Written, key: string) => void = () => undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor() {
    addEventListener("online", () => this.#again());
    whenForgotten(() => this.#keep([]));
  }

  /** What somebody wrote to `to` and is not there yet. */
  of(by: string, to: string): Waiting[] {
    return this.#all.filter((one) => one.by === by && one.letter.to === to);
  }

  /** Whoever shows a conversation is given what was sent; the last one that says so. */
  onsent(told: (written: Written, key: string) => void): void {
    this.#sent = told;
  }

  /** Send a letter after all that were written before it. */
  put(by: string, letter: Letter): void {
    const one: Waiting = { key: newKey(), by, letter, state: "sending", trouble: "", isLost: false };
    this.#keep([...this.#all, one]);
    this.#queue(one.key);
  }

  retry(key: string): void {
    this.#change(key, { state: "sending", trouble: "" });
    this.#queue(key);
  }

  drop(key: string): void {
    this.#keep(this.#all.filter((one) => one.key !== key));
  }

  /** Try all that failed for want of a connection. */
  #again(): void {
    for (const one of this.#all) if (one.state === "failed" && one.isLost) this.retry(one.key);
  }

  #queue(key: string): void {
    this.#last = this.#last.then(() => this.#send(key));
  }

  async #send(key: string): Promise<void> {
    const one = this.#all.find((other) => other.key === key);
    if (!one) return;
    // Whoever sits here now would be its author.
    if (session.me?.id !== one.by) {
      this.#change(key, { state: "failed", trouble: "", isLost: true });
      return;
    }
    try {
      const written = await write(one.letter, key);
      this.#sent(written, key);
      this.drop(key);
    } catch (error) {
      const isLost = error instanceof Unreachable || (error instanceof Refusal && error.status >= 500);
      this.#change(key, { state: "failed", trouble: inWords(error), isLost });
    }
  }

  #change(key: string, change: Partial<Waiting>): void {
    this.#keep(this.#all.map((one) => (one.key === key ? { ...one, ...change } : one)));
  }

  #keep(all: Waiting[]): void {
    this.#all = all;
    try {
      sessionStorage.setItem(OUTBOX, JSON.stringify(all));
    } catch {
      // A browser that keeps nothing keeps it as long as the page is open.
    }
  }
}

/** After a reload nobody knows what became of what was being sent: it can be tried again. */
function restored(): Waiting[] {
  try {
    const kept = JSON.parse(sessionStorage.getItem(OUTBOX) ?? "[]") as Waiting[];
    return kept.map((one) => ({ ...one, state: "failed", trouble: "", isLost: true }));
  } catch {
    return [];
  }
}

export const outbox = new Outbox();
