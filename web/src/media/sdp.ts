/** The few lines of SDP that this page reads and writes by itself: those of an ICE restart. */

/** What a PATCH carries for an ICE restart, taken from the new offer (RFC 9725, 4.3.3). */
export function restartFragment(offer: string): string {
  const lines = offer.split(/\r?\n/);
  const one = (prefix: string) => lines.find((line) => line.startsWith(prefix));
  const kept = [one("m=audio"), one("a=mid:"), one("a=ice-ufrag:"), one("a=ice-pwd:")];
  return `${kept.filter((line) => line !== undefined).join("\r\n")}\r\n`;
}

/** The earlier answer with the ICE name, password and candidates of the server's new fragment. */
export function answerAfterRestart(answer: string, fragment: string): string {
  const fresh = fragment.split(/\r?\n/);
  const candidates = fresh.filter((line) => line.startsWith("a=candidate:"));
  const restarted = answer
    .split(/\r?\n/)
    .filter((line) => candidates.length === 0 || !line.startsWith("a=candidate:"))
    .flatMap((line) => {
      if (line.startsWith("a=ice-ufrag:")) return renewed(fresh, "a=ice-ufrag:", line);
      if (line.startsWith("a=ice-pwd:")) return [...renewed(fresh, "a=ice-pwd:", line), ...candidates];
      return line;
    });
  return restarted.join("\r\n");
}

function renewed(fresh: string[], prefix: string, old: string): string[] {
  return [fresh.find((line) => line.startsWith(prefix)) ?? old];
}
