/** One of the app's places, in the tab bar and in the rail. */
import type { IconName } from "./icons";

export interface Tab {
  readonly label: string;
  readonly icon: IconName;
  readonly href: string;
  readonly active?: boolean | undefined;
  readonly count?: number | undefined;
}

/** The lamp button among them. */
export interface Opener {
  readonly label: string;
  readonly act: (pressed: { currentTarget: HTMLElement }) => void;
  /** Its menu is open: it turns into a cross and gives up its lamp. */
  readonly expanded?: boolean | undefined;
}
