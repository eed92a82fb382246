/** The cloth on a space's table. Its colours are the classes `cloth-…` of tokens.css. */
import { hash } from "./seed";

export const CLOTHS = ["river", "beet", "delft", "olive", "ochre", "clay"] as const;

export type Cloth = (typeof CLOTHS)[number];

/** The cloth a space has as long as its host has not chosen another. */
export function clothOf(spaceId: string): Cloth {
  return CLOTHS[hash(`cloth ${spaceId}`) % CLOTHS.length] ?? "river";
}
