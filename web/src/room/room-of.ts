/** Finds the room to a card. Apart from `current`, which the shell needs before anybody goes to a space. */
import type { Card } from "../api/types";
import { call } from "./current.svelte";
import { Room } from "./room.svelte";

/** The room of `card`: the one we are in, or a new one before whose door we stand. */
export function roomOf(card: Card): Room {
  return call.room?.id === card.id ? call.room : new Room(card);
}
