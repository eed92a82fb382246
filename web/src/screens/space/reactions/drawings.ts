/** The reactions in cut paper, so that they look alike on every device and are there where no font has them. */
import { disc, paper, type Shape, stroke } from "../../../ui/drawing";
import type { Reaction } from "./set";

/** Skin and its shade, in the order of the tones. */
const SKINS: readonly [skin: string, shade: string][] = [
  ["#f8c24e", "#c98a1c"],
  ["#f7dcc6", "#d2a585"],
  ["#e5bb94", "#b9855b"],
  ["#c78d61", "#935f39"],
  ["#9a6340", "#693e24"],
  ["#63402f", "#3c2419"],
];
const FACE = "#f8c24e";
const INK = "#4a2415";

export function drawn(reaction: Reaction, tone: number): Shape[] {
  return DRAWINGS[reaction](...(SKINS[tone] ?? (SKINS[0] as [string, string])));
}

const DRAWINGS: Record<Reaction, (skin: string, shade: string) => Shape[]> = {
  "👏": (skin, shade) => [
    ...hand(shade, shade, 60, 62, 28),
    ...hand(skin, shade, 42, 66, -14),
    stroke("#f8b84e", 4.5, "M68 16L72 6M82 24L91 17M87 38L97 37"),
  ],
  "❤️": () => [
    paper(
      "#e0503f",
      "M50 86C20 63 12 49 12 36C12 23 22 15 32 15C41 15 47 20 50 27C53 20 59 15 68 15C78 15 88 23 88 36C88 49 80 63 50 86Z",
    ),
    paper("#f5907f", "M22 38C21 29 26 23 34 22C28 27 26 32 27 40C27 44 23 43 22 38Z"),
  ],
  "😂": () => [
    paper(FACE, disc(50, 50, 38)),
    stroke(INK, 5, "M28 42Q35 33 42 42M58 42Q65 33 72 42"),
    paper(INK, "M28 54H72C72 70 62 78 50 78C38 78 28 70 28 54Z"),
    paper("#fffaf0", "M31 54H69C69 59 66 61 62 61H38C34 61 31 59 31 54Z"),
    paper("#5aa9e0", "M22 47C27 56 26 66 18 67C9 68 7 58 22 47ZM78 47C73 56 74 66 82 67C91 68 93 58 78 47Z"),
  ],
  "😮": () => [
    paper(FACE, disc(50, 50, 38)),
    stroke(INK, 4, "M29 31Q35 25 41 29M59 29Q65 25 71 31"),
    paper(INK, disc(36, 43, 5)),
    paper(INK, disc(64, 43, 5)),
    paper(INK, "M50 55C58 55 62 61 62 68C62 75 57 80 50 80C43 80 38 75 38 68C38 61 42 55 50 55Z"),
  ],
  "🙏": (skin, shade) => [
    paper(skin, "M49 10C43 20 38 38 35 50L24 72L42 88C46 78 49 66 50 54Z"),
    paper(skin, "M51 10C57 20 62 38 65 50L76 72L58 88C54 78 51 66 50 54Z"),
    stroke(shade, 3, "M50 14V62M36 52L46 60M64 52L54 60"),
    paper("#2f6db3", "M23 71L43 88L36 96L14 79ZM77 71L57 88L64 96L86 79Z"),
  ],
  "🔥": () => [
    paper(
      "#ec6a35",
      "M50 6C54 24 74 34 78 56C81 76 68 92 50 92C32 92 19 78 22 58C23 48 29 42 32 34C36 40 38 44 43 46C46 32 44 18 50 6Z",
    ),
    paper(
      "#f8b84e",
      "M52 40C55 52 66 58 66 72C66 83 59 90 50 90C41 90 34 83 35 73C36 66 40 63 42 57C45 60 47 62 50 62C52 55 51 47 52 40Z",
    ),
  ],
};

/** An open hand with its palm at (x, y), turned by so many degrees. */
function hand(skin: string, shade: string, x: number, y: number, degrees: number): Shape[] {
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const at = (right: number, up: number) =>
    `${(x + right * cos + up * sin).toFixed(1)} ${(y + right * sin - up * cos).toFixed(1)}`;
  const line = (...points: [right: number, up: number][]) =>
    points.map((point, nth) => (nth % 2 ? "L" : "M") + at(...point)).join("");
  return [
    stroke(skin, 34, line([0, 2], [0, -8])),
    stroke(skin, 10.5, line([-12, 4], [-15, 36], [-4, 8], [-4.5, 43], [5, 8], [6, 41], [13, 4], [16, 33])),
    stroke(skin, 11.5, line([-12, -6], [-28, 12])),
    stroke(shade, 2, line([-8, 10], [-9.5, 36], [0.5, 10], [0.7, 40], [9, 10], [11, 36])),
  ];
}
