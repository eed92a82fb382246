/**
 * A post's text in pieces: words, links, people, hashtags. Pure; the page draws each piece as text, never as HTML.
 * What counts as a name or a tag is what the server reads out of a text (docs/protocol.md, 8).
 */
import type { Person } from "../../api/types";
import { personPath, tagPath } from "../../routes";

export type Piece =
  | { kind: "text"; text: string }
  | { kind: "link"; text: string; href: string; isOutside: boolean }
  | { kind: "mention" | "tag"; text: string; href: string };

/** Longer addresses are cut for the eye; they lead where they say all the same. */
const SHOWN_MAX = 42;

const LINK = String.raw`(?<link>https?:\/\/[^\s<>"]+)`;
const MENTION = String.raw`(?<![\w@/.#])@(?<name>[A-Za-z0-9_]{2,30})(?![\w@])`;
const TAG = String.raw`(?<![\p{L}\p{N}_@/.#&])#(?<tag>[\p{L}\p{M}\p{N}_]{1,50})(?![\p{L}\p{M}\p{N}_])`;
const PARTS = new RegExp([LINK, MENTION, TAG].join("|"), "gu");
/** What stands after an address and does not belong to it. */
const TRAILING = ".,;:!?'’”»)]}";

/** Take `text` apart; `mentions`: whom it names, since a name that nobody has stays text. */
export function piecesOf(text: string, mentions: readonly Person[], origin = location.origin): Piece[] {
  const names = new Set(mentions.map(({ name }) => name));
  const pieces: Piece[] = [];
  let done = 0;
  for (const match of text.matchAll(PARTS)) {
    const piece = pieceOf(match, names, origin);
    if (!piece) continue;
    pieces.push({ kind: "text", text: text.slice(done, match.index) }, piece.piece);
    done = match.index + piece.length;
  }
  pieces.push({ kind: "text", text: text.slice(done) });
  return pieces.filter((piece) => piece.text !== "");
}

/** The first link to a space of this instance in `text`: its id, or null. */
export function spaceIn(text: string, origin = location.origin): string | null {
  for (const { groups } of text.matchAll(PARTS)) {
    const url = groups?.link ? linkOf(groups.link)?.url : null;
    const id = url?.origin === origin ? /^\/spaces\/([A-Za-z0-9_-]+)\/?$/.exec(url.pathname)?.[1] : null;
    if (id) return id;
  }
  return null;
}

/** The first link in `text` as it was typed, if it leads to another place than this instance; else null. */
export function outsideLinkIn(text: string, origin = location.origin): string | null {
  for (const { groups } of text.matchAll(PARTS)) {
    const found = groups?.link ? linkOf(groups.link) : null;
    if (found) return found.url.origin === origin ? null : (groups?.link ?? "").slice(0, found.length);
  }
  return null;
}

function pieceOf(
  { groups = {} }: RegExpExecArray,
  names: ReadonlySet<string | null>,
  origin: string,
): { piece: Piece; length: number } | null {
  const { link, name, tag } = groups;
  if (link) return linkPiece(link, origin);
  if (name && names.has(name.toLowerCase())) {
    const text = `@${name}`;
    return { piece: { kind: "mention", text, href: personPath(name.toLowerCase()) }, length: text.length };
  }
  if (tag && !/^\p{Decimal_Number}+$/u.test(tag)) {
    const text = `#${tag}`;
    return { piece: { kind: "tag", text, href: tagPath(tag.toLowerCase()) }, length: text.length };
  }
  return null;
}

function linkPiece(typed: string, origin: string): { piece: Piece; length: number } | null {
  const found = linkOf(typed);
  if (!found) return null;
  const { url, length } = found;
  const isOutside = url.origin !== origin;
  const href = isOutside ? url.href : url.pathname + url.search + url.hash;
  return { piece: { kind: "link", text: shown(url), href, isOutside }, length };
}

/** An address as it was typed, without the full stop after it; null for what leads nowhere open. */
function linkOf(typed: string): { url: URL; length: number } | null {
  let address = typed;
  while (TRAILING.includes(address.at(-1) ?? " ") && !endsInside(address)) address = address.slice(0, -1);
  const url = URL.parse(address);
  const isOpen = url && !url.username && !url.password && url.hostname !== "";
  return isOpen ? { url, length: address.length } : null;
}

/** A bracket that was opened inside belongs to the address: many of an encyclopaedia end with one. */
const endsInside = (address: string) =>
  address.endsWith(")") && address.split("(").length >= address.split(")").length;

/** Where a link leads, as the browser understands it: letters that only look like others show themselves. */
function shown(url: URL): string {
  const text = (url.host + url.pathname + url.search + url.hash).replace(/\/$/, "");
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX - 1)}…` : text;
}
