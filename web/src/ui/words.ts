/** The few words the kit says by itself; everything else comes from outside. */
import { term } from "./locale";

export const words = {
  host: "Host",
  coHost: "Co-host",
  now: "Now",
  speaking: term("speaking"),
  muted: "microphone off",
  away: term("reconnecting"),
  you: "You",
  minutes: (count: number) => `${count} min`,
  hours: (hours: number, minutes: number) => `${hours} h ${String(minutes).padStart(2, "0")}`,
  and: (name: string) => `and ${name}`,
  close: "Close",
  showPassword: "Show what I type",
  loading: "Loading",
};
