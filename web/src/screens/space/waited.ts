/** How long somebody has waited since `moment`, in words: "now", "5 min", "1 h". */
import { term } from "../../ui/locale";
export function waitedSince(moment: string, now: number): string {
  const minutes = Math.floor((now - Date.parse(moment)) / 60_000);
  if (!(minutes >= 1)) return term("now");
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}
