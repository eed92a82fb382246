/** What this page asks of the server about posts and timelines; loaded when it is needed. */
import { send } from "./client";
import type { History, LinkCard, PeoplePage, Post, PostPage, Thread, TimelinePage } from "./types";

/** At most one of the three things a post can hang on. */
export interface NewPost {
  text: string;
  reply_to?: string;
  quote?: string;
  space?: string;
  /** Up to four that were sent before, each with what it shows. */
  pictures?: { id: string; description: string }[];
  /** One that was sent before, where there are no pictures. */
  voice?: string;
  /** Without the card of the first link in it. */
  link_card?: false;
}

/** What one can say of a post with one press. */
export type PostWord = "like" | "repost";

/** The same request with the same key makes one post, however often it is sent. */
export const writePost = (post: NewPost, key: string) =>
  body<Post>("POST", "/posts", post, { "idempotency-key": key });
export const changePost = (id: string, text: string) => body<Post>("PATCH", `/posts/${id}`, { text });
export const takePostAway = (id: string) => send("DELETE", `/posts/${id}`);
export const sayOfPost = (id: string, word: PostWord, isSo: boolean) =>
  send(isSo ? "PUT" : "DELETE", `/posts/${id}/${word}`);

/** What is behind a link, or null; it takes as long as the page behind it does, six seconds at most. */
export const cardOf = async (link: string): Promise<LinkCard | null> =>
  (await body<{ card: LinkCard | null }>("POST", "/link-cards", { link })).card;

export const findPost = (id: string) => get<Post>(`/posts/${id}`);
/** What a post answers, the first first, and what answers it. */
export const threadOf = (id: string, cursor: string | null) =>
  get<Thread>(`/posts/${id}/thread${page(cursor, 30)}`);
/** What a post said before it was changed. */
export const historyOf = (id: string) => get<History>(`/posts/${id}/history`);
/** Who likes a post, or passed it on. */
export const peopleBehind = (id: string, which: "likes" | "reposts", cursor: string | null) =>
  get<PeoplePage>(`/posts/${id}/${which}${page(cursor, 50)}`);

export const timeline = (cursor: string | null) => get<TimelinePage>(`/timeline${page(cursor, 30)}`);
export const postsOf = (user: string, cursor: string | null) =>
  get<PostPage>(`/people/${user}/posts${page(cursor, 30)}`);
export const postsWith = (tag: string, cursor: string | null) =>
  get<PostPage>(`/posts${page(cursor, 30)}&tag=${encodeURIComponent(tag)}`);

const page = (cursor: string | null, limit: number) =>
  `?limit=${limit}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`;

async function get<T>(path: string): Promise<T> {
  return (await send("GET", path)).json();
}

async function body<T>(method: string, path: string, json: unknown, headers = {}): Promise<T> {
  return (await send(method, path, { json, headers })).json();
}
