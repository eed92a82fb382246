/** One conversation as it is shown: what was asked for, and what one is told of it since. */

import { inWords, Refusal } from "../../api/errors";
import { messagesWith, readUpTo } from "../../api/messages";
import type { Conversation, Message, MessagePage, Person, Written } from "../../api/types";

/** So many pages are asked for again at most, where something further up may be another. */
const MOST_PAGES = 5;

export class Talk {
  /** Null before it is known, and where there is none with this person yet. */
  conversation: Conversation | null = $state.raw(null);
  /** With whom there is no conversation yet. */
  person: Person | null = $state.raw(null);
  phase: "loading" | "there" | "failed" | "gone" = $state("loading");
  trouble = $state("");
  busy = $state(false);
  cursor: string | null = $state.raw(null);
  readonly who: string;
  #messages = $state.raw<ReadonlyMap<number, Message>>(new Map());
  readonly #arrived: (message: Message) => void;
  #readUpTo = 0;
  #isAsking = false;
  /** Something came while it was asked. */
  #isStale = false;

  /** `arrived` is called for each message that is new while one looks. */
  constructor(who: string, arrived: (message: Message) => void) {
    this.who = who;
    this.#arrived = arrived;
  }

  get messages(): Message[] {
    return [...this.#messages.values()].sort((one, other) => one.number - other.number);
  }

  /** Ask for the end of it; what is shown stays meanwhile. */
  async load(): Promise<void> {
    try {
      this.#take(await messagesWith(this.who, null));
      this.phase = "there";
      this.trouble = "";
    } catch (error) {
      this.trouble = inWords(error);
      if (error instanceof Refusal && error.status === 404) this.phase = "gone";
      else if (this.phase === "loading") this.phase = "failed";
    }
  }

  /** Ask for what was written before the first message. */
  async earlier(): Promise<void> {
    if (!this.cursor || this.busy) return;
    this.busy = true;
    try {
      const page = await messagesWith(this.who, this.cursor);
      this.#put(page.items);
      this.cursor = page.next_cursor;
      this.trouble = "";
    } catch (error) {
      this.trouble = inWords(error);
    } finally {
      this.busy = false;
    }
  }

  /** Take what one is told of this conversation. */
  async follow(fresh: Conversation): Promise<void> {
    const before = this.conversation;
    if (this.phase !== "there" || before === fresh) return;
    const known = this.messages.at(-1)?.number ?? 0;
    const { last } = fresh;
    this.conversation = fresh;
    const isSame = before?.version === fresh.version;
    if (last && isSame && last.number <= known + 1 && !this.#isAsking) {
      this.#put([last]);
      if (last.number > known) this.#arrived(last);
      return;
    }
    this.#isStale = true;
    if (!this.#isAsking) await this.#again(known);
  }

  /** What this page wrote itself is there before one is told of it. */
  sent({ conversation, ...message }: Written): void {
    this.#put([message]);
    if (!this.conversation) void this.load();
    else if (this.conversation.id !== conversation) return;
  }

  /** All there is has been seen. */
  async seen(): Promise<void> {
    const last = this.messages.at(-1)?.number ?? 0;
    if (!this.conversation || this.conversation.unread === 0 || last <= this.#readUpTo) return;
    this.#readUpTo = last;
    await readUpTo(this.conversation.id, last).catch(() => {
      this.#readUpTo = 0;
    });
  }

  /** Ask again for all that is shown, until nothing came meanwhile, and say what is new. */
  async #again(known: number): Promise<void> {
    this.#isAsking = true;
    try {
      while (this.#isStale) {
        this.#isStale = false;
        const page = await this.#allFrom(this.messages[0]?.number ?? 0);
        this.#messages = new Map();
        this.#take(page);
      }
      for (const message of this.messages) if (message.number > known) this.#arrived(message);
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) this.phase = "gone";
      this.trouble = inWords(error);
    } finally {
      this.#isAsking = false;
    }
  }

  async #allFrom(first: number): Promise<MessagePage> {
    let page = await messagesWith(this.who, null, 100);
    const items = [...page.items];
    for (let count = 1; page.next_cursor && Number(page.next_cursor) > first && count < MOST_PAGES; count++) {
      page = await messagesWith(this.who, page.next_cursor, 100);
      items.push(...page.items);
    }
    return { ...page, items };
  }

  #take(page: MessagePage): void {
    this.conversation = page.conversation;
    this.person = page.person;
    this.cursor = page.next_cursor;
    this.#put(page.items);
  }

  #put(messages: Message[]): void {
    this.#messages = new Map([
      ...this.#messages,
      ...messages.map((message) => [message.number, message] as const),
    ]);
  }
}
