/** The report that is being written: it outlives the sheet, and the space, from where it was begun. */
import type { Person, Post } from "../../api/types";
import type { Room } from "../../room/room.svelte";

interface Written {
  /** Where one is with them; without it one comes from their profile or from what they wrote. */
  room?: Room;
  post?: Post;
  /** Whom it is about; without them it is about the space. */
  person?: Person;
  /** The sheet is shut after the report was sent. */
  onsent?: () => void;
}

class Report {
  about: Written | null = $state.raw(null);
  isOpen = $state(false);

  open(about: Written): void {
    this.about = about;
    this.isOpen = true;
  }
}

export const written = new Report();
