/** What a post may be, as a server has it that is not told otherwise. */

/** Characters, as people count them. */
export const POST_MAX = 280;
/** For so long its words can be changed. */
export const EDITABLE_MS = 5 * 60_000;
