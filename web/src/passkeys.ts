/**
 * Passkeys as this browser keeps them (WebAuthn level 3). What travels is the standard's own JSON: the server writes
 * what it asks for, and reads what comes back.
 */
import { send } from "./api/client";
import { inWords } from "./api/errors";

/** What is signed is good for five minutes; what is offered all the time is asked for anew before that. */
const RENEW_MS = 4 * 60_000;
const NUMBER = /^[\d.]+$|^\[/;

/** The browser has none, or its person does not want to; the message says it in words. */
export class NoPasskey extends Error {}

/** Whether this browser can have passkeys for this server, which takes https and a host with a name. */
export const hasPasskeys = (): boolean =>
  "PublicKeyCredential" in globalThis &&
  "parseRequestOptionsFromJSON" in PublicKeyCredential &&
  !NUMBER.test(location.hostname);

/** Make a passkey as the server asks for it at `path`. Throws `NoPasskey`, and what `send` does. */
export async function makePasskey(path: string, body?: object): Promise<unknown> {
  const options = await optionsAt<PublicKeyCredentialCreationOptionsJSON>(path, body);
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return answerOf(navigator.credentials.create({ publicKey }), "No passkey was made.");
}

/** Show a passkey that its person chooses; with `offered`, from the browser's list under a field. */
export async function showPasskey(offered?: AbortSignal): Promise<unknown> {
  const options = await optionsAt<PublicKeyCredentialRequestOptionsJSON>("/sessions/passkey/options");
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const how = offered ? { mediation: "conditional" as const, signal: offered } : {};
  return answerOf(navigator.credentials.get({ publicKey, ...how }), "No passkey was shown.");
}

/** Offer passkeys under the field for names, as long as nobody chose one. Returns a function that ends it. */
export function offerPasskeys(onshown: (passkey: unknown) => void): () => void {
  let round = new AbortController();
  async function offer() {
    const { signal } = round;
    try {
      if (!(await PublicKeyCredential.isConditionalMediationAvailable?.()) || signal.aborted) return;
      const passkey = await showPasskey(signal);
      if (!signal.aborted) onshown(passkey);
    } catch {
      // Nobody chose one, or the server is away: the button and the fields are there.
    }
  }
  const timer = setInterval(() => {
    round.abort();
    round = new AbortController();
    void offer();
  }, RENEW_MS);
  void offer();
  return () => {
    clearInterval(timer);
    round.abort();
  };
}

/** What went wrong with a passkey, or with anything else. */
export const whyNot = (error: unknown): string =>
  error instanceof NoPasskey ? error.message : inWords(error);

async function optionsAt<T>(path: string, json?: object): Promise<T> {
  return (await send("POST", path, json ? { json } : {})).json();
}

async function answerOf(asking: Promise<Credential | null>, otherwise: string): Promise<unknown> {
  try {
    const credential = (await asking) as PublicKeyCredential | null;
    if (credential) return credential.toJSON();
  } catch (error) {
    // Browsers tell no more than this, so that no page learns which passkeys there are.
    if ((error as DOMException).name === "InvalidStateError")
      throw new NoPasskey("This device has a passkey for your account already.");
  }
  throw new NoPasskey(otherwise);
}
