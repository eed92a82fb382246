/** Names a request, so that the server makes one thing of it however often it arrives (`Idempotency-Key`). */

const KEY_BYTES = 16;

export class RequestKey {
  #words = "";
  #key = "";

  /** The key for `body`: the same one as long as nothing in it changes, else a new one. */
  for(body: object): string {
    const words = JSON.stringify(body);
    if (words !== this.#words) [this.#words, this.#key] = [words, newKey()];
    return this.#key;
  }
}

/** Not `randomUUID`, which a page without TLS does not have. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
