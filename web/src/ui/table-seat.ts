/** One person at a table, as the table's pieces take it. */
export interface TableSeat {
  readonly id: string;
  /** What stands under the pebble: a first name. */
  readonly name: string;
  readonly role: "host" | "co_host" | "speaker";
  /** The full name, for ears. */
  readonly label?: string | undefined;
  readonly kind?: "face" | "still" | undefined;
  /** The name of their picture. */
  readonly picture?: string | undefined;
  /** The person who looks at the page; a speaker's own seat is at the near edge. */
  readonly you?: boolean | undefined;
  readonly muted?: boolean | undefined;
  readonly away?: boolean | undefined;
  /** A second line under the name, such as the time spoken. */
  readonly detail?: string | undefined;
  /** How many listen, where the person wears the ring of who is on air instead of a role. */
  readonly onAir?: string | undefined;
  /** A fixed level 0..1; live levels come through `glow`. */
  readonly level?: number | undefined;
}
