/** What this page asks of the server about pictures; loaded when it is needed. */
import { send } from "./client";
import type { MadePicture, Me } from "./types";

/** A picture takes its time over a slow line. */
const TIMEOUT_MS = 60_000;

/** Be shown by a picture from now on. */
export const wearPicture = async (picture: Blob): Promise<Me> =>
  (await send("PUT", "/me/picture", { body: picture, timeoutMs: TIMEOUT_MS })).json();
/** Be shown by one's pebble again. */
export const takePictureOff = async (): Promise<Me> => (await send("DELETE", "/me/picture")).json();
/** Send a picture for a post that is about to be written. */
export const sendPicture = async (picture: Blob, signal: AbortSignal): Promise<MadePicture> =>
  (await send("POST", "/pictures", { body: picture, timeoutMs: TIMEOUT_MS, signal })).json();
