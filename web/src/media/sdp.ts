/** The few lines of SDP that this page reads and writes by itself: those of an ICE restart, and of stereo. */

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

/**
 * `offer`, saying that this side hears in stereo (RFC 7587, 6.1): browsers else play one ear's sound in both.
 * That is so for voices too, which sound the same, so that a space can turn to music without a new call.
 */
export function offerOfStereo(offer: string): string {
  return withOpus(offer, { stereo: "1" });
}

/** `answer`, asking of this side what is to be sent: music in stereo, or a voice. As the server's own. */
export function answerAsking(answer: string, music: boolean): string {
  return withOpus(answer, music ? MUSIC : VOICE);
}

const VOICE = { useinbandfec: "1", usedtx: "1", stereo: "0", maxaveragebitrate: "32000" };
const MUSIC = { useinbandfec: "0", usedtx: "0", stereo: "1", maxaveragebitrate: "128000" };

/** `sdp` with these parameters of Opus; those that are there keep their place. */
function withOpus(sdp: string, wanted: Record<string, string>): string {
  const payloadType = /^a=rtpmap:(\d+) opus\//m.exec(sdp)?.[1];
  if (!payloadType) return sdp;
  const prefix = `a=fmtp:${payloadType} `;
  return sdp
    .split("\r\n")
    .map((line) =>
      line.startsWith(prefix) ? prefix + withParameters(line.slice(prefix.length), wanted) : line,
    )
    .join("\r\n");
}

function withParameters(parameters: string, wanted: Record<string, string>): string {
  const given = parameters.split(";").map((one) => one.split("=", 2) as [string, string]);
  return Object.entries({ ...Object.fromEntries(given), ...wanted })
    .map((one) => one.join("="))
    .join(";");
}
