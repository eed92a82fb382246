/** What this page asks of the server about voice notes; loaded when it is needed. */
import { refusalOf, Unreachable } from "./errors";
import type { MadeVoiceNote } from "./types";

/** A note takes its time over a slow line, and then to be written anew. */
const TIMEOUT_MS = 120_000;

/**
 * Send a voice note for a post that is about to be written; `told` hears how much of it is there, 0 to 1.
 * Throws `Refusal` or `Unreachable`. Not by fetch, which does not say how far it is.
 */
export function sendVoiceNote(note: Blob, told: (share: number) => void): Promise<MadeVoiceNote> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v1/voice-notes");
    request.setRequestHeader("accept", "application/json");
    request.timeout = TIMEOUT_MS;
    request.upload.onprogress = ({ loaded, total }) => told(total > 0 ? loaded / total : 0);
    request.onerror = request.ontimeout = () => reject(new Unreachable());
    request.onload = () => {
      const answer = answerOf(request);
      if (answer.ok) resolve(answer.json());
      else refusalOf(answer).then(reject, reject);
    };
    request.send(note);
  });
}

function answerOf(request: XMLHttpRequest): Response {
  const headers = new Headers();
  for (const name of ["content-type", "retry-after"]) {
    const value = request.getResponseHeader(name);
    if (value) headers.set(name, value);
  }
  return new Response(request.responseText, { status: request.status, headers });
}
