/** What this page asks of the server about providers and letters to sign in by; loaded when it is needed. */
import { send } from "./client";
import type { Me, Returned, Visit, Ways } from "./types";

/** A provider may be slow, and the server waits for it up to three times. */
const PROVIDER_TIMEOUT_MS = 20_000;

export const FORGOTTEN = "/forgot-password";

/** By what one can sign in, beside passkey, password and recovery code. */
export const waysIn = async (): Promise<Ways> => (await send("GET", "/sign-in/ways")).json();

/** Where one goes to sign in by a provider; from there one is led to `next`. */
export const providerPath = (provider: string, next: string) =>
  `/api/v1/sign-in/oidc/${provider}?next=${encodeURIComponent(next)}`;

/** Where one goes to link a provider, or to show by it once more that it is oneself. */
export async function visit(provider: string, purpose: "link" | "prove", next: string): Promise<string> {
  const json = { purpose, next };
  const answer = await send("POST", `/me/visits/${provider}`, { json, timeoutMs: PROVIDER_TIMEOUT_MS });
  return ((await answer.json()) as Visit).address;
}

/** Hand over what a provider sent back in the address. */
export async function comeBack(provider: string, sent: URLSearchParams): Promise<Returned> {
  const parts = ["code", "error", "iss"].flatMap((name) => {
    const said = sent.get(name);
    return said === null ? [] : [[name, said]];
  });
  const json = { state: sent.get("state") ?? "", ...Object.fromEntries(parts) };
  const answer = await send("POST", `/sign-in/oidc/${provider}`, { json, timeoutMs: PROVIDER_TIMEOUT_MS });
  return answer.json();
}

export const unlink = (identity: string) => send("DELETE", `/me/identities/${identity}`);

/** Ask for a letter by which a new password is set. Nothing says whether anybody has this address. */
export const askForLetter = (address: string) => send("POST", "/password-resets", { json: { address } });
/** Set a new password by the link of a letter, and sign in. */
export const signInByLetter = async (token: string, password: string): Promise<Me> =>
  (await send("POST", "/sessions/letter", { json: { token, password } })).json();
