/** The colour of a voice on maps and lanes, by the number of its seat. */
import type { Cloth } from "./cloth";

const DYES = [
  "saffron",
  "verdigris",
  "tomato",
  "delft",
  "olive",
  "beet",
  "clay",
  "celadon",
  "wheat",
  "stone",
];

/** On beet cloth delft and beet would mix to purple. */
const ON_BEET = DYES.filter((dye) => dye !== "delft" && dye !== "beet");

/** The CSS value of the dye of the seat with this number (from 0, in seat order). */
export function dyeOf(seat: number, cloth: Cloth): string {
  const dyes = cloth === "beet" ? ON_BEET : DYES;
  return `var(--dye-${dyes[seat % dyes.length]})`;
}
