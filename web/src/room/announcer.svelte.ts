/** Says to screen readers what others see happen, one polite sentence at a time. */

/** Several things in one moment are said together; seats may change fast. */
const GATHER_MS = 400;
const MOST = 3;
const FORGET_MS = 5_000;

let said = $state("");
let waiting: string[] = [];
let forgetting: ReturnType<typeof setTimeout> | undefined;

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
  clearTimeout(forgetting);
  // What was said is not there to be read later.
  forgetting = setTimeout(() => {
    said = "";
  }, FORGET_MS);
}
