/** The few words the kit says by itself; everything else comes from outside. */

const english = {
  host: "Host",
  coHost: "Co-host",
  now: "Now",
  speaking: "speaking",
  muted: "microphone off",
  away: "reconnecting",
  you: "You",
  live: "Live",
  minutes: (count: number) => `${count} min`,
  hours: (hours: number, minutes: number) => `${hours} h ${String(minutes).padStart(2, "0")}`,
  and: (name: string) => `and ${name}`,
  close: "Close",
  more: "More",
  showPassword: "Show what I type",
  loading: "Loading",
  freeSeat: "Free seat",
  recorded: "recorded",
  notRecorded: "not recorded",
  placeInLine: (place: number) => `number ${place} in line`,
};

export type Words = typeof english;

export const words: Words = { ...english };

/** Put words of another language in place; call it before the page is drawn. */
export function setWords(translated: Partial<Words>): void {
  Object.assign(words, translated);
}
