/** What this page asks of the server about how one signs in; loaded when it is needed. */
import { send } from "./client";
import type { SignIns } from "./types";

export const signIns = async (): Promise<SignIns> => (await send("GET", "/me/sign-ins")).json();
/** Sign out another browser; what was open there has ended with the answer. */
export const signOutThere = (session: string) => send("DELETE", `/sessions/${session}`);
export const signOutElsewhere = () => send("DELETE", "/sessions");
/** `old` may be left out by whoever has none, or came in without it a moment ago. */
export const changePassword = (change: { old?: string; new: string }) =>
  send("PUT", "/me/password", { json: change });
