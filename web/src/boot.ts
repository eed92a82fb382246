/** What the server wrote into the page, so that the first screen needs no second request. */
import type { Card, Me } from "./api/types";

interface Boot {
  me: Me | null;
  space: Card | null;
  scheduled_days: number;
  message_length: number;
  build: string;
  /** Another name or sign than ours. */
  brand?: { name: string; logo: string | null };
  /** Whether a worker gave this page because the server is out of reach. */
  offline?: boolean;
}

/** As a server has it that is not told otherwise. */
const USUAL_DAYS = 14;
const USUAL_LENGTH = 1000;

let boot = read();

/** The person of this page; undefined when the server did not say. */
export const bootedMe = (): Me | null | undefined => boot?.me;

/** What this instance is called; its sign as a picture, where it has one of its own. */
export const brandName = (): string => boot?.brand?.name ?? "Convivium";
export const brandLogo = (): string | null => {
  const logo = boot?.brand?.logo;
  return logo ? `/api/v1/logo/${logo}/64` : null;
};

/** Which build of the app this page is; empty when the server did not say. */
export const pageBuild = (): string => boot?.build ?? "";

/** Whether this page stands in for one that could not be fetched. */
export const isStandIn = (): boolean => boot?.offline ?? false;

/** How many days ahead a space can be scheduled. */
export const scheduledDays = (): number => boot?.scheduled_days ?? USUAL_DAYS;

/** How many characters a message has at most. */
export const messageLength = (): number => boot?.message_length ?? USUAL_LENGTH;

/** The card of `space` if the page came with it, once: later it would be old. */
export function takeBootedSpace(space: string): Card | null {
  if (boot?.space?.id !== space) return null;
  const card = boot.space;
  boot = { ...boot, space: null };
  return card;
}

function read(): Boot | null {
  try {
    return JSON.parse(document.getElementById("boot")?.textContent ?? "null") as Boot | null;
  } catch {
    return null;
  }
}
