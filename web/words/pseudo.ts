/** English with marks on every letter, and longer: in tests one sees what has escaped translation. */

export const PSEUDO = "pseudo";

const MARKED = new Map(
  [
    ..."AÁaáBƁbƀCÇcçDĎdďEÉeéFƑfƒGĜgĝHĤhĥIÍiíJĴjĵKĶkķLĻlļMṀmṁNÑnñOÓoóPÞpþQǪqǫRŔrŕSŠsšTŤtťUÚuúVṼvṽWŴwŵXẊxẋYÝyýZŽzž".matchAll(
      /../gu,
    ),
  ].map(([pair]) => [...pair] as [string, string]),
);

/** "Leave {0}" -> "Ļéáṽé {0}~~": every letter marked, and two fifths longer, as translations can be. */
export function pseudo(english: string): string {
  const marked = english
    .split(/(\{\d+\}|<\/?\d+>)/)
    .map((piece, at) => (at % 2 ? piece : [...piece].map((letter) => MARKED.get(letter) ?? letter).join("")));
  return marked.join("") + "~".repeat(Math.ceil(english.length * 0.4));
}
