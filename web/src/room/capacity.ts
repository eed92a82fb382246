/** What a host reads about how much the server has to do: in words, never in per cent. */
import type { Capacity } from "../api/types";
import { number } from "../ui/locale";

/** How many more may come; null while nobody knows, and where the step says it. */
export function roomWords(capacity: Capacity): string | null {
  const { room, step } = capacity;
  // From longer packets on the server makes no promise: the step's own sentence says how it stands.
  if (room === null || step === "packets" || step === "closed") return null;
  if (room === 0) return "No room for more listeners right now.";
  if (room === 1) return "Room for one more listener.";
  return `Room for about ${number(room)} more listeners.`;
}

/** What the server leaves out to get by, or null when it has time for all. */
export function stepWords({ step }: Capacity): string | null {
  switch (step) {
    case "none":
      return null;
    case "encoding":
      return "The server is busy. Nobody hears a difference.";
    case "events":
      return "The server is busy: numbers and names come a little later.";
    case "packets":
      return "The server is busy: sound is a little later for listeners.";
    case "closed":
      return "The server is full: whoever is here stays, new listeners wait at the door.";
  }
}
