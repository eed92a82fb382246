/** The posts that this page knows, each once: what is done to one is seen wherever it is shown. */
import type { Person, Post } from "../../api/types";
import { session } from "../../me.svelte";

/** More than one reads in an evening; the ones that were met first are forgotten, and their lists keep them. */
const MOST = 2_000;

let posts = $state.raw<ReadonlyMap<string, Post>>(new Map());
/** What was read as somebody else says nothing of what one may see, or likes. */
let reader = "";
const heard = new Set<(post: Post) => void>();

export const known = {
  /** Take what the server said last. */
  learn(fresh: readonly Post[]): void {
    forgetOthers();
    const all = new Map([...posts, ...fresh.map((post) => [post.id, post] as const)]);
    posts = new Map([...all].slice(-MOST));
  },

  /** A post as it is now; as it was in a list, where nothing newer is known. */
  of(post: Post): Post {
    return posts.get(post.id) ?? post;
  },

  find(id: string): Post | null {
    forgetOthers();
    return posts.get(id) ?? null;
  },

  change(post: Post, change: Partial<Post>): void {
    posts = new Map(posts).set(post.id, { ...known.of(post), ...change });
  },

  /** Everybody with a name whom one has met in posts, the last ones first. */
  people(): Person[] {
    const met = new Map<string, Person>();
    for (const post of [...posts.values()].reverse())
      for (const person of [post.author, ...post.mentions])
        if (person?.name && person.id !== session.me?.id && !met.has(person.id)) met.set(person.id, person);
    return [...met.values()];
  },
};

/** Call `hear` with each post that is written on this page. Returns a function that ends it. */
export function onWritten(hear: (post: Post) => void): () => void {
  heard.add(hear);
  return () => heard.delete(hear);
}

/** Say that a post was just written here. */
export function tellWritten(post: Post): void {
  known.learn([post]);
  for (const hear of heard) hear(post);
}

function forgetOthers(): void {
  const now = session.me?.id ?? "";
  if (now !== reader) posts = new Map();
  reader = now;
}
