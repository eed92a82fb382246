/** The lists of posts: timelines, what somebody wrote, what has a hashtag. They keep what they have while one is elsewhere. */
import { timeline } from "../../api/posts";
import type { Person, Post, PostPage } from "../../api/types";
import { session } from "../../me.svelte";
import { type Page, Pages } from "../moderation/pages.svelte";
import { known } from "./known.svelte";

/** A post in a list, and who passed it on. */
export interface Entry {
  readonly id: string;
  readonly post: Post;
  readonly repostedBy: Person | null;
}

export type Feed = Pages<Entry>;

/** Where one was in a list: the entry at the top of the page, and how far from it, in pixels. */
export interface Mark {
  readonly id: string;
  readonly top: number;
}

export const marks = new WeakMap<Feed, Mark>();

/** So many are kept for who goes back. */
const KEPT = 8;
const kept = new Map<string, Feed>();
/** What was read as somebody else is none of one's business. */
let reader = "";

/** One's own timeline. */
export const myTimeline = (): Feed => keptAt("timeline", askTimeline);

/** A list of posts that the server gives a page at a time; `key` names it for who comes back. */
export const feedAt = (key: string, ask: (cursor: string | null) => Promise<PostPage>): Feed =>
  keptAt(key, async (cursor) => {
    const { items, next_cursor } = await ask(cursor);
    known.learn(items);
    return { items: items.map((post) => ({ id: post.id, post, repostedBy: null })), next: next_cursor };
  });

function keptAt(key: string, ask: (cursor: string | null) => Promise<Page<Entry>>): Feed {
  const me = session.me?.id ?? "";
  if (me !== reader) kept.clear();
  reader = me;
  const feed = kept.get(key) ?? new Pages(ask);
  kept.delete(key);
  kept.set(key, feed);
  const [oldest] = kept.keys();
  if (kept.size > KEPT && oldest) kept.delete(oldest);
  return feed;
}

/** Each post once: what somebody passed on since stands where it came last. */
export function eachOnce(entries: readonly Entry[]): Entry[] {
  const met = new Set<string>();
  return entries.filter(({ post }) => !met.has(post.id) && met.add(post.id));
}

async function askTimeline(cursor: string | null): Promise<Page<Entry>> {
  const { items, next_cursor } = await timeline(cursor);
  known.learn(items.map(({ post }) => post));
  const entries = items.map(({ id, post, reposted_by }) => ({
    id,
    post,
    repostedBy: reposted_by,
  }));
  return { items: entries, next: next_cursor };
}
