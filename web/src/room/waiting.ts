/** What somebody reads who is not let in yet. */
import type { Refusal } from "../api/errors";
import { number } from "../ui/locale";

const WORDS: Record<string, string> = {
  admission_closed: "This server is full right now. You are let in as soon as there is room.",
  space_crowded: "This space is full right now. You are let in as soon as there is room.",
  line_full: "Many people are coming in at once. You are let in by and by.",
};

/** Why one waits, and that nothing has to be done about it. */
export function waitingWords(refusal: Refusal): string {
  const { place, code } = refusal;
  if (place !== null) return `You are number ${number(place)} in line. You are let in when it is your turn.`;
  return WORDS[code] ?? "The server is busy. You are let in as soon as it can.";
}
