/** The coloured paper under a drawing: a flat sheet, a lighter round piece on it and a darker foot. */
import { disc, paper, type Shape } from "./drawing";
import { pick } from "./seed";

const GROUNDS = [
  ["#d2963c", "#e7b65c"],
  ["#3d988b", "#67b7a9"],
  ["#c4607d", "#dd8f9f"],
  ["#5580b6", "#82a8d4"],
  ["#8b9c43", "#b2bf6c"],
  ["#b5613d", "#cd8260"],
  ["#245f58", "#3c7f74"],
  ["#7a2f49", "#97486a"],
  ["#cfae72", "#e6cd97"],
  ["#cf7330", "#e69a50"],
] as const;

/** Everybody's ground; `shade` grounds have a table's edge at the foot, for things that stand on it. */
export function ground(roll: () => number, shade: boolean): Shape[] {
  const [sheet, light] = pick(roll, GROUNDS);
  const round = disc(58 + 20 * roll(), 22 + 16 * roll(), 32 + 6 * roll());
  return [
    paper(sheet, "M0 0H100V100H0Z"),
    paper(light, round, shade ? 0.35 : 0.75),
    ...(shade ? [paper("#000", "M0 72C30 69 70 69 100 72V100H0Z", 0.2)] : []),
  ];
}
