/** Says to screen readers what others see happen, one polite sentence at a time. */

/** Several things in one moment are said together; seats may change fast. */
const GATHER_MS = 400;
const MOST = 3;

let said = $state("");
let waiting: string[] = [];

export const announcer = {
  get said(): string {
    return said;
  },
};

export function announce(sentence: string): void {
  waiting.push(sentence);
  if (waiting.length === 1) setTimeout(speak, GATHER_MS);
}

function speak(): void {
  said = waiting.slice(-MOST).join(" ");
  waiting = [];
}
