/** A stage of the server as seats of the kit's table. */
import type { Person, Role, Seat } from "../api/types";
import { term } from "../ui/locale";
import type { TableSeat } from "../ui/table-seat";

const ROLE_WORDS: Record<Role, string> = {
  host: term("host"),
  co_host: term("co-host"),
  speaker: term("speaker"),
  listener: term("listener"),
};

export const roleWord = (role: Role): string => ROLE_WORDS[role];

/** The seats to draw; `me` is one's own id, whose seat is marked. */
export function tableSeats(stage: Seat[], me: string | null): TableSeat[] {
  return stage.map((seat) => ({
    id: seat.person.id,
    name: firstName(seat.person),
    label: seat.person.display_name,
    role: seat.role,
    you: seat.person.id === me,
    muted: seat.muted,
    away: !seat.connected,
    kind: kindOf(seat.person),
    picture: seat.person.picture,
  }));
}

/** Guests have no face of their own: a still life sits for them. */
export function kindOf(person: Person): "face" | "still" {
  return person.name === null ? "still" : "face";
}

export function firstName(person: Person): string {
  return person.display_name.split(/\s+/)[0] ?? person.display_name;
}
