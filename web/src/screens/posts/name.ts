/** Who wrote a post, where there is still somebody to name. */
import type { Person } from "../../api/types";

export const nameOf = (author: Person | null): string => author?.display_name ?? "Somebody";

/** "@ama", or nothing. */
export const handleOf = (author: Person | null): string => (author?.name ? `@${author.name}` : "");

const counted = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** "126", "1.2K": as it stands beside a glyph. */
export const short = (count: number): string => counted.format(count).toLowerCase();

/** "1 like", "126 likes". */
export const many = (count: number, one: string, more = `${one}s`): string =>
  `${count.toLocaleString()} ${count === 1 ? one : more}`;
