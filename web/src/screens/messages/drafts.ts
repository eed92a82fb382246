/** What was begun and not sent, by person and conversation, as long as the page is open. */
import { whenForgotten } from "../../kept";

export const drafts = new Map<string, string>();

whenForgotten(() => drafts.clear());
