/** What administrators read: how the server is, what is done later. Pure. */
import type { Account, Overview, SignUpInvitation, TriedColours, WholeAccount } from "../../api/types";
import { counted, number, term } from "../../ui/locale";

/** Counting ends here (docs/protocol.md): there may be more. */
const MOST_JOBS = 1000;
const MOST_ACCOUNTS = 100_000;

export const jobsCount = (count: number) => upTo(count, MOST_JOBS);
export const accountsCount = (count: number) => upTo(count, MOST_ACCOUNTS);

const upTo = (count: number, most: number) => (count < most ? number(count) : `${number(most)}+`);

/** "9 spaces live". */
export const liveWords = (live: number) =>
  live === 0 ? "No space is live" : counted(live, { one: "# space live", other: "# spaces live" });

type Step = NonNullable<Overview["engine"]>["step"];

/** What a server with too much to do leaves out, one step after the other (docs/operate.md). */
export const STEPS: Record<Step, string> = {
  none: "Nothing is left out.",
  encoding: "Voices are encoded with less effort. Hardly anybody hears it.",
  events: "Counts and names are told every two seconds.",
  packets: "Sound comes a little later to listeners.",
  closed: "Nobody new is let in to listen.",
};

/** "31 %", of thousandths. */
export const percent = (permille: number) => `${number(Math.round(permille) / 10)} %`;

const KINDS: Record<string, string> = {
  push: "Push to a browser",
  mail: "Mail",
  confirm_mail: "Mail that confirms an address",
  forget_person: "Deletion of an account",
  forget_picture: "Removal of a picture’s files",
  tidy_search: "Tidying the search",
  remind_hosts: "Reminder of a space to its hosts",
  tell_coming: "Word of a space that starts or is moved",
  expire_space: "Cancelling a space that nobody started",
  let_followers_in: "Letting all in who asked to follow",
};

/** What is to be done. */
export const kindWords = (kind: string): string => KINDS[kind] ?? kind.replaceAll("_", " ");

/** How often something was begun. */
export const triesWords = (attempts: number): string =>
  attempts === 0 ? term("not tried yet") : counted(attempts, { one: "tried once", other: "tried # times" });

type Fault = TriedColours["faults"][number];

/** Why a colour cannot be taken. */
export function faultWords({ theme, ratio, needed }: Pick<Fault, "theme" | "ratio" | "needed">): string {
  const [is, takes] = [number(ratio), number(needed)];
  return theme === "light"
    ? `In the light theme this cannot be read: its contrast is ${is} to 1, and it takes ${takes}.`
    : `In the dark theme this cannot be read: its contrast is ${is} to 1, and it takes ${takes}.`;
}

/** What somebody can be here. */
export const ROLES: readonly { value: Account["role"]; title: string; detail: string }[] = [
  { value: "member", title: "Member", detail: "Like everybody." },
  { value: "moderator", title: "Moderator", detail: "Sees reports, warns and suspends, lets people in." },
  { value: "admin", title: "Administrator", detail: "All of it, and these pages." },
];

export const roleTitle = (role: Account["role"]) => ROLES.find(({ value }) => value === role)?.title ?? role;

/** "Signs in with a password, 2 passkeys. Signed in at 3 places." */
export function waysWords({ password, passkeys, sessions, tokens, email }: WholeAccount): string {
  return [
    password ? "Has a password." : "Has no password.",
    counted(passkeys, { one: "# passkey.", other: "# passkeys." }),
    counted(sessions, { one: "Signed in at # place.", other: "Signed in at # places." }),
    tokens > 0 && counted(tokens, { one: "# token.", other: "# tokens." }),
    email ? "Can be written to." : "Cannot be written to.",
  ]
    .filter(Boolean)
    .join(" ");
}

/** "2 of 3 people came". */
export const usesWords = ({ uses, uses_left }: SignUpInvitation) =>
  counted(uses - uses_left, { one: `# of ${number(uses)} came`, other: `# of ${number(uses)} came` });
