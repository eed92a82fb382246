/** Who wrote a post, where there is still somebody to name. */
import type { Person } from "../../api/types";
import { handle, locale } from "../../ui/locale";

export const nameOf = (author: Person | null): string => author?.display_name ?? "Somebody";

/** "@ama", or nothing. */
export const handleOf = (author: Person | null): string => handle(author?.name);

const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });

/** "126", "1.2K": as it stands beside a glyph. */
export const short = (count: number): string => compact.format(count).replace("K", "k");
