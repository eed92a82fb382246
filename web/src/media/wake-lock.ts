/** Keeps the screen on for whoever runs a space, as long as the page is in front. */

/** Hold the screen until the returned function is called; taken again whenever the page comes back. */
export function keepScreenOn(): () => void {
  let released = false;
  let lock: WakeLockSentinel | null = null;

  const take = async () => {
    if (released || document.visibilityState !== "visible") return;
    try {
      lock = (await navigator.wakeLock?.request("screen")) ?? null;
      if (released) await lock?.release();
    } catch {
      // Low battery or an old phone: the screen goes dark as always, and nothing else changes.
    }
  };
  document.addEventListener("visibilitychange", take);
  void take();
  return () => {
    released = true;
    document.removeEventListener("visibilitychange", take);
    void lock?.release();
  };
}
