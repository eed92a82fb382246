/** The few words the kit says by itself; everything else comes from outside. */

const english = {
  host: "Host",
  coHost: "Co-host",
  now: "Now",
  speaking: "speaking",
  muted: "microphone off",
  away: "reconnecting",
  you: "You",
  minutes: (count: number) => `${count} min`,
  hours: (hours: number, minutes: number) => `${hours} h ${String(minutes).padStart(2, "0")}`,
  and: (name: string) => `and ${name}`,
  close: "Close",
  showPassword: "Show what I type",
  loading: "Loading",
};

export type Words = typeof english;

export const words: Words = { ...english };

/** Put words of another language in place; call it before the page is drawn. */
export function setWords(translated: Partial<Words>): void {
  Object.assign(words, translated);
}
