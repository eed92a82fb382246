/** Who sits at this page. */
import * as api from "./api/client";
import { Refusal } from "./api/errors";
import type { Me } from "./api/types";
import { bootedMe } from "./boot";

let me = $state.raw<Me | null>(bootedMe() ?? null);

export const session = {
  /** The person of this browser, guest or account; null before the first call of a guest. */
  get me(): Me | null {
    return me;
  },
  get isSignedIn(): boolean {
    return me?.kind === "account";
  },
};

/** Ask the server unless the page came with the answer. */
export async function recogniseMe(): Promise<void> {
  if (bootedMe() !== undefined) return;
  try {
    me = await api.whoAmI();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    me = null;
  }
}

export async function signUp(account: Parameters<typeof api.signUp>[0]): Promise<void> {
  me = await api.signUp(account);
}

export async function signIn(name: string, password: string): Promise<void> {
  me = await api.signIn(name, password);
}

export async function signOut(): Promise<void> {
  await api.signOut();
  me = null;
}

export async function changeMe(change: { display_name?: string; listed?: boolean }): Promise<void> {
  me = await api.changeMe(change);
}

/** The server no longer knows this session. */
export function forgetMe(): void {
  me = null;
}
