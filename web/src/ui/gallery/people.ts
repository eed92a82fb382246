/** Imagined people for the gallery, as the pictures seat them. */
import type { TableSeat } from "../table-seat";
import type { Tab } from "../tabs";

export const stage: TableSeat[] = [
  { id: "ines", name: "Inés", label: "Inés Carrasco", role: "host" },
  { id: "leila", name: "Leïla", role: "co_host", muted: true },
  { id: "yuki", name: "Yuki", role: "speaker", muted: true },
  { id: "kwame", name: "Kwame", label: "Kwame Boateng", role: "speaker", level: 0.8 },
  { id: "marisol", name: "Marisol", role: "speaker" },
  { id: "tomasz", name: "Tomasz", role: "speaker", muted: true },
  { id: "anders", name: "Anders", role: "speaker", muted: true },
  { id: "bashir", name: "Bashir", role: "co_host", level: 1 },
  { id: "hana", name: "Hana", role: "speaker", muted: true },
  { id: "samir", name: "Samir", role: "speaker", away: true },
  { id: "obi", name: "Obinna", role: "speaker", muted: true },
  { id: "mei", name: "Mei-Ling", role: "speaker", level: 0.4 },
  { id: "fish", name: "Guest", role: "speaker", muted: true, kind: "still" },
];

export const tabs: Tab[] = [
  { label: "Tonight", icon: "table", href: "#tonight", active: true },
  { label: "Explore", icon: "search", href: "#explore" },
  { label: "Messages", icon: "message", href: "#messages", count: 2 },
  { label: "You", icon: "user", href: "#you" },
];
