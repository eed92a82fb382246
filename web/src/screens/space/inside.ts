/** What one sees inside a space: fetched while one still stands before the door. */
import { Part } from "../shell/part.svelte";

export const inside = new Part(() => import("./Room.svelte"));
