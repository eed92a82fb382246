/** What one does with a post by one press: it shows at once, and is taken back when the server says no. */

import { inWords } from "../../api/errors";
import { type PostWord, sayOfPost, takePostAway } from "../../api/posts";
import type { Post } from "../../api/types";
import { toast } from "../../ui/toasts.svelte";
import { known } from "./known.svelte";

const COUNTED = { like: "likes", repost: "reposts" } as const satisfies Record<PostWord, string>;

/** What was wanted last of each post, while the server is asked. */
const wishes = new Map<string, boolean>();

/** Like a post, or pass it on; or take that back. Never throws: a refusal is said in passing. */
export async function say(post: Post, word: PostWord, isSo: boolean): Promise<void> {
  const key = `${word} ${post.id}`;
  const isAsking = wishes.has(key);
  show(post, word, isSo);
  wishes.set(key, isSo);
  // Whoever asks already asks on for what is wanted now.
  if (isAsking) return;
  let said = !isSo;
  try {
    for (let wanted = wishes.get(key); wanted !== undefined && wanted !== said; wanted = wishes.get(key)) {
      await sayOfPost(post.id, word, wanted);
      said = wanted;
    }
  } catch (error) {
    show(post, word, said);
    toast({ text: inWords(error), icon: "warning", tone: "danger" });
  } finally {
    wishes.delete(key);
  }
}

/** Take one's own post away; its place stays. Throws what the server refuses. */
export async function takeAway(post: Post): Promise<void> {
  await takePostAway(post.id);
  known.change(post, goneNow);
}

/** What is left of a post that was taken away. */
const goneNow: Partial<Post> = {
  gone: true,
  author: null,
  text: "",
  quote: null,
  space: null,
  mentions: [],
  pictures: [],
  voice: null,
  link_card: null,
};

function show(post: Post, word: PostWord, isSo: boolean): void {
  const { mine, counts } = known.of(post);
  const counted = COUNTED[word];
  if (!mine || mine[counted] === isSo) return;
  known.change(post, {
    mine: { ...mine, [counted]: isSo },
    counts: { ...counts, [counted]: Math.max(0, counts[counted] + (isSo ? 1 : -1)) },
  });
}
