/** Who sits at this page; all tabs of a browser are the same person. */
import * as api from "./api/client";
import { Refusal } from "./api/errors";
import type { Me } from "./api/types";
import { bootedMe } from "./boot";
import { forgetWords } from "./kept";

let me = $state.raw<Me | null>(bootedMe() ?? null);

/** Tells the other tabs that this browser is somebody else now. Null in a browser too old for it. */
const otherTabs = "BroadcastChannel" in globalThis ? new BroadcastChannel("convivium-me") : null;

export const session = {
  /** The person of this browser, guest or account; null before the first call of a guest. */
  get me(): Me | null {
    return me;
  },
  get isSignedIn(): boolean {
    return me?.kind === "account";
  },
  /** Whether one looks after this instance, as a moderator or as an administrator. */
  get isStaff(): boolean {
    return me?.role === "moderator" || me?.role === "admin";
  },
};

/** Ask the server unless the page came with the answer. */
export async function recogniseMe(): Promise<void> {
  if (bootedMe() === undefined) await recogniseAgain();
}

/** Become whom another tab makes this browser. Returns a function that undoes it. */
export function followOtherTabs(): () => void {
  // No answer leaves this tab as it is: whatever it asks next is answered for the new person anyway.
  const changed = () => void recogniseAgain().then(forgetOwn, () => undefined);
  otherTabs?.addEventListener("message", changed);
  return () => otherTabs?.removeEventListener("message", changed);
}

/** Ask the server once more: somebody may have signed out elsewhere. */
export async function recogniseAgain(): Promise<void> {
  try {
    me = await api.whoAmI();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    me = null;
  }
}

export async function signUp(account: Parameters<typeof api.signUp>[0]): Promise<void> {
  become(await api.signUp(account));
}

export async function signIn(name: string, password: string): Promise<void> {
  become(await api.signIn(name, password));
}

export async function signInWith(passkey: unknown): Promise<void> {
  become(await api.signInWith(passkey));
}

export async function signInByCode(name: string, code: string): Promise<void> {
  become(await api.signInByCode(name, code));
}

export async function signOut(): Promise<void> {
  await api.signOut();
  become(null);
  forgetOwn();
}

/** Take in that one's account is gone. */
export async function signedOut(): Promise<void> {
  await recogniseAgain();
  otherTabs?.postMessage("changed");
  forgetOwn();
}

/** Nobody is signed in here any more, and somebody chose so: what they had begun goes with them. */
function forgetOwn(): void {
  if (me?.kind !== "account") forgetWords();
}

export async function changeMe(change: Parameters<typeof api.changeMe>[0]): Promise<void> {
  become(await api.changeMe(change));
}

/** Take what the server says of whoever sits here. */
export function become(person: Me | null): void {
  me = person;
  otherTabs?.postMessage("changed");
}
