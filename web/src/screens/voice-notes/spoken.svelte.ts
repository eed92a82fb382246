/** What somebody said for posts that are not written yet: kept while the page is open, wherever one goes. */
import { sendVoiceNote } from "../../api/voice-notes";
import { player } from "./player.svelte";
import type { Spoken } from "./recorder.svelte";

/** One note for a post: there, or on its way. */
export class Said {
  note: Spoken | null = $state.raw(null);
  /** How much of it is on the server, 0 to 1; null while it is not being sent. */
  sent: number | null = $state(null);
  /** Its name on the server, once it is there: a second try sends nothing twice. */
  #id = "";

  keep(note: Spoken): void {
    this.forget();
    this.note = note;
  }

  forget(): void {
    if (this.note) {
      player.drop(this.note.url);
      URL.revokeObjectURL(this.note.url);
    }
    this.note = null;
    this.#id = "";
  }

  /** Send it, if it is not there yet; gives its name on the server. */
  async send(): Promise<string> {
    if (this.#id || !this.note) return this.#id;
    this.sent = 0;
    try {
      const { id } = await sendVoiceNote(this.note.blob, (share) => {
        this.sent = share;
      });
      this.#id = id;
      return id;
    } finally {
      this.sent = null;
    }
  }

  /** The server does not have it any more: the next try sends it once more. */
  sendAgain(): void {
    this.#id = "";
  }
}

const kept = new Map<string, Said>();

/** What `who` said for a post that hangs on something: "new", or what is done with which post. */
export function saidAt(who: string, to: string): Said {
  const key = `${who} ${to}`;
  const said = kept.get(key) ?? new Said();
  kept.set(key, said);
  return said;
}
