/** What this page asks of the server about how one signs in; loaded when it is needed. */
import { send } from "./client";
import type { MadeToken, RecoveryCodes, Scope, SignIns, Tokens } from "./types";

export const signIns = async (): Promise<SignIns> => (await send("GET", "/me/sign-ins")).json();
/** Sign out another browser; what was open there has ended with the answer. */
export const signOutThere = (session: string) => send("DELETE", `/sessions/${session}`);
export const signOutElsewhere = () => send("DELETE", "/sessions");
/** Show once more that it is oneself, for what takes a sign-in of the last ten minutes. */
export const prove = (how: { password: string } | { passkey: unknown }) =>
  send("PUT", "/sessions/current", { json: how });

/** `old` may be left out by whoever has none, or came in without it a moment ago. */
export const changePassword = (change: { old?: string; new: string }) =>
  send("PUT", "/me/password", { json: change });
export const removePassword = () => send("DELETE", "/me/password");

export const addPasskey = (passkey: unknown, name: string) =>
  send("POST", "/passkeys", { json: { passkey, name } });
export const removePasskey = (passkey: string) => send("DELETE", `/passkeys/${passkey}`);

/** Ten codes, told this once; former ones are void. */
export const makeRecoveryCodes = async (): Promise<RecoveryCodes> =>
  (await send("POST", "/me/recovery-codes")).json();

export const tokens = async (): Promise<Tokens> => (await send("GET", "/tokens")).json();
/** The secret is told this once. */
export const makeToken = async (name: string, scopes: Scope[]): Promise<MadeToken> =>
  (await send("POST", "/tokens", { json: { name, scopes } })).json();
export const endToken = (token: string) => send("DELETE", `/tokens/${token}`);

/** All that is kept of oneself, as a zip file. */
export const exportMine = async (): Promise<Blob> =>
  (await send("GET", "/me/export", { timeoutMs: null })).blob();
/** Delete one's account; nothing of it works once this is answered. */
export const deleteAccount = () => send("DELETE", "/me");
