/** Pictures that are about to stand in a post: sent as soon as they are added, described meanwhile. */
import { inWords } from "../../api/errors";
import { sendPicture } from "../../api/pictures";
import { drawn, NoPicture, readPicture, sentSize } from "./crop";

export const MOST = 4;
/** The longest side that is kept. */
const SENT = 1600;

interface Item {
  key: number;
  /** What is shown of it here. */
  url: string;
  /** Its name on the server, once it is there. */
  id: string;
  description: string;
  leaving: AbortController;
}

export class Attached {
  items = $state<Item[]>([]);
  trouble = $state("");
  #key = 0;

  /** Whether a picture is still on its way. */
  get isSending(): boolean {
    return this.items.some(({ id }) => id === "");
  }

  /** As the server takes them. */
  get wanted(): { id: string; description: string }[] {
    return this.items.map(({ id, description }) => ({ id, description: description.trim() }));
  }

  async add(files: Iterable<File>): Promise<void> {
    this.trouble = "";
    const pictures = [...files].filter(({ type }) => type.startsWith("image/"));
    const room = MOST - this.items.length;
    if (pictures.length > room) this.trouble = "A post has four pictures at most.";
    for (const picture of pictures.slice(0, room)) await this.#send(picture);
  }

  remove(key: number): void {
    const gone = this.items.find((item) => item.key === key);
    gone?.leaving.abort();
    if (gone) URL.revokeObjectURL(gone.url);
    this.items = this.items.filter((item) => item.key !== key);
    this.trouble = "";
  }

  clear(): void {
    for (const { key } of this.items) this.remove(key);
  }

  async #send(file: File): Promise<void> {
    const key = ++this.#key;
    const leaving = new AbortController();
    try {
      const picture = await readPicture(file);
      const small = await drawn(picture, null, sentSize(picture.width, picture.height, SENT));
      picture.close();
      this.items = [
        ...this.items,
        { key, url: URL.createObjectURL(small), id: "", description: "", leaving },
      ];
      const { id } = await sendPicture(small, leaving.signal);
      const own = this.items.find((item) => item.key === key);
      if (own) own.id = id;
    } catch (error) {
      if (leaving.signal.aborted) return;
      this.remove(key);
      this.trouble = error instanceof NoPicture ? error.message : inWords(error);
    }
  }
}
