/** The post that is being written in the sheet: it can be begun from any screen. */
import type { Post, Quoted } from "../../api/types";

/** At most one of them: what the new post hangs on, or which post is changed. */
export interface About {
  readonly replyTo?: Post;
  readonly quote?: Quoted;
  readonly edit?: Post;
  /** What another app shared, to begin with. */
  readonly text?: string;
  /** Id of the space that it shows. */
  readonly space?: string;
}

class Composing {
  about: About | null = $state.raw(null);
  isOpen = $state(false);

  open(about: About = {}): void {
    this.about = about;
    this.isOpen = true;
  }
}

export const composing = new Composing();
