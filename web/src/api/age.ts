/**
 * How old this page is beside the server it talks to: a page stays open for days, and the server is renewed below it.
 *
 * Each answer names the build of the page that would be loaded now; who speaks an older protocol than the server
 * understands is answered 426 (docs/protocol.md, 9).
 */

/** The protocol this page speaks. */
export const PROTOCOL = "1";

/** newer: the server has another build of this page; too_old: it understands this one no more. */
export type Age = "newer" | "too_old";

const TOO_OLD_STATUS = 426;

let own = "";
let tell: (age: Age) => void = () => undefined;

/** Be told once this page, which is `build`, has grown old. Returns a function that undoes it. */
export function followAge(build: string, told: (age: Age) => void): () => void {
  own = build;
  tell = told;
  return () => {
    tell = () => undefined;
  };
}

/** Learn from an answer. */
export function learnAge({ status, headers }: Response): void {
  const build = headers?.get("convivium-build");
  if (status === TOO_OLD_STATUS) tell("too_old");
  else if (own && build && build !== own) tell("newer");
}
