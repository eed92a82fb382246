/** Things on a table in cut paper, for people without a face of their own (guests). */
import { disc, discs, paper, type Shape, stroke } from "./drawing";
import { ground } from "./grounds";
import { dice, pick } from "./seed";

const THINGS = {
  lemon: [
    paper("#000", "M24 73C36 79 62 79 74 71C62 82 36 83 24 73Z", 0.2),
    paper(
      "#e9bf3a",
      "M21 61C22 42 40 31 59 36C64 33 70 36 70.5 41C77 58 62 76 42 76C34 77 29 75 27 71C22 70 20 65 21 61Z",
    ),
    paper("#f6dd7b", "M31 55C34 45 42 40 51 40C44 44 38 49 35 57Z"),
    paper("#6f8f3c", "M69 36C70 26 78 22 88 24C86 33 79 38 69 36Z"),
  ],
  pear: [
    paper("#000", "M28 79C38 85 64 85 74 77C66 88 36 88 28 79Z", 0.2),
    paper(
      "#c9cf5b",
      "M50 24C57 24 59 31 60 39C61 48 73 53 73 66C73 77 63 82 50 82C37 82 27 77 27 66C27 53 39 48 40 39C41 31 43 24 50 24Z",
    ),
    paper("#e4e69a", "M34 66C34 57 43 52 45 42C48 52 40 58 41 70C38 72 34 71 34 66Z"),
    stroke("#5a3a20", 2.6, "M50 25C50 20 52 16 56 14"),
    paper("#6f8f3c", "M53 20C58 13 66 13 72 17C67 23 60 25 53 20Z"),
  ],
  fig: [
    paper(
      "#5d2142",
      "M50 20C53 27 54 32 61 38C70 45 75 53 74 62C73 75 62 82 50 82C38 82 27 75 26 62C25 53 30 45 39 38C46 32 47 27 50 20Z",
    ),
    paper("#f0dfc3", "M50 40C60 44 66 52 65 61C64 70 58 74 50 74C42 74 36 70 35 61C34 52 40 44 50 40Z"),
    paper("#c8455c", "M50 47C57 50 60 55 59 61C58 67 55 69 50 69C45 69 42 67 41 61C40 55 43 50 50 47Z"),
    ...discs(47, 57, 1.3, 53, 58, 1.3, 50, 63, 1.3, 50, 53, 1.2).map((d) => paper("#f7e2a8", d)),
  ],
  cup: [
    paper("#e8dfcc", "M20 76C34 82 64 82 80 76C74 85 28 85 20 76Z"),
    stroke("#f1e9d8", 4, "M66 52C78 50 79 66 64 66"),
    paper("#f1e9d8", "M28 46H69C70 64 62 77 48.5 77C35 77 27 64 28 46Z"),
    paper("#4b2a18", "M28 46C34 50 63 50 69 46C63 42.5 34 42.5 28 46Z"),
    stroke("#2f6db3", 2.4, "M29.5 58Q49 64 67.5 58"),
    stroke("#fff8", 2, "M42 37C39 33 45 30 42 25M54 37C51 33 57 30 54 25"),
  ],
  fish: [
    paper("#000", "M22 68C40 75 66 74 84 66C68 78 38 79 22 68Z", 0.18),
    paper("#efe4cc", "M14 52C24 36 50 34 66 48L84 36C82 46 82 58 85 68L66 57C50 70 24 68 14 52Z"),
    stroke("#c05a3a", 3, "M38 42Q44 52 38 62M48 41Q54 52 48 63M58 45Q62 52 58 59"),
    paper("#1c1310", disc(25, 50, 2.5)),
  ],
  moon: [
    paper("#f4e6bd", "M58 20C42 24 34 40 39 56C44 71 60 79 74 73C60 88 36 84 27 66C18 47 33 22 58 20Z"),
    ...discs(68, 34, 2.2, 80, 48, 1.6, 62, 50, 1.5).map((d) => paper("#f4e6bd", d)),
  ],
  olive: [
    stroke("#5d5a2c", 2.6, "M22 78C40 70 62 46 74 22"),
    paper(
      "#7f8f45",
      "M64 42C72 35 82 36 88 41C80 47 71 48 64 42ZM52 56C62 51 72 54 76 60C68 64 58 63 52 56ZM42 65C51 64 58 69 60 76C52 77 45 73 42 65Z",
    ),
    paper(
      "#95a558",
      "M70 32C61 30 56 22 57 15C65 17 70 24 70 32ZM58 48C49 47 43 40 43 33C51 34 57 40 58 48ZM45 62C36 62 30 56 29 49C37 49 43 54 45 62Z",
    ),
    paper("#38401f", "M24 70C31 67 38 72 36 79C34 86 24 87 20 81C17 77 19 72 24 70Z"),
  ],
  candle: [
    paper("#ffd98a", disc(50, 34, 20), 0.28),
    paper("#000", "M26 82C40 87 60 87 74 82C66 90 34 90 26 82Z", 0.25),
    paper("#f3ead6", "M42 46C46 44 54 44 58 46V82C54 85 46 85 42 82Z"),
    paper("#000", "M52 45C55 45 57 45.5 58 46V82C56 83.5 54 84 52 84Z", 0.12),
    stroke("#3a2a20", 1.8, "M50 46V40"),
    paper("#ffc24d", "M50 20C57 28 58 33 57 36C55.5 41.5 44.5 41.5 43 36C42 33 44 28 50 20Z"),
    paper("#fff0c2", "M50 29C53.5 33 53.5 36 52.5 38C51.5 39.5 48.5 39.5 47.5 38C46.5 36 46.5 33 50 29Z"),
  ],
} as const satisfies Record<string, readonly Shape[]>;

/** Draw the thing of an id. */
export function stillLife(id: string): Shape[] {
  const roll = dice(`still life ${id}`);
  const thing = pick(roll, Object.values(THINGS));
  return [...ground(roll, true), ...thing];
}
