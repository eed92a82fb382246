/** What the lock screen and the media keys show and do. */

export interface SessionActions {
  play(): void;
  pause(): void;
  leave(): void;
}

/** Show `title` and `host` as what is playing. Does nothing where the browser has no media session. */
export function showPlaying(title: string, host: string, actions: SessionActions): void {
  if (!("mediaSession" in navigator)) return;
  navigator.mediaSession.metadata = new MediaMetadata({ title, artist: host, album: "Convivium" });
  navigator.mediaSession.playbackState = "playing";
  set("play", actions.play);
  set("pause", actions.pause);
  set("stop", actions.leave);
}

export function showNothingPlaying(): void {
  if (!("mediaSession" in navigator)) return;
  navigator.mediaSession.metadata = null;
  navigator.mediaSession.playbackState = "none";
  for (const action of ["play", "pause", "stop"] as const) set(action, null);
}

function set(action: MediaSessionAction, handler: (() => void) | null): void {
  try {
    navigator.mediaSession.setActionHandler(action, handler);
  } catch {
    // Browsers refuse actions they do not know; the page's own buttons remain.
  }
}
