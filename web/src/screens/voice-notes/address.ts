/** Where a voice note in a post is: whoever may not see the post has none. */

/** Older Safari plays no Ogg; everything plays the other one. */
const OGG = 'audio/ogg; codecs="opus"';

/** In the format that this browser plays and that costs the least. */
export function voiceAddress(
  id: string,
  player: Pick<HTMLAudioElement, "canPlayType"> = new Audio(),
): string {
  return `/api/v1/voice-notes/${id}/${player.canPlayType(OGG) ? "ogg" : "m4a"}`;
}
