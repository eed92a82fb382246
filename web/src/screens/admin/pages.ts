/** The pages of whoever runs this instance, in the order in which they stand. To add one is to add an entry. */
import type { Component } from "svelte";
import { ADMIN } from "../../routes";
import type { IconName } from "../../ui/icons";

export interface AdminPage {
  /** What its address ends with. */
  readonly name: string;
  readonly title: string;
  readonly icon: IconName;
  /** `rest` is what stands in the address after the page's own name, without a slash before it. */
  readonly load: () => Promise<{ default: Component<{ rest: string }> | Component }>;
}

export const PAGES: readonly AdminPage[] = [
  { name: "overview", title: "Overview", icon: "table", load: () => import("./Overview.svelte") },
  { name: "people", title: "People", icon: "people", load: () => import("./People.svelte") },
  {
    name: "invitations",
    title: "Invitations",
    icon: "user-plus",
    load: () => import("./Invitations.svelte"),
  },
  { name: "branding", title: "Branding", icon: "picture", load: () => import("./Branding.svelte") },
  { name: "jobs", title: "Jobs", icon: "timer", load: () => import("./Jobs.svelte") },
  { name: "log", title: "Audit log", icon: "shield", load: () => import("./AuditLog.svelte") },
];

export const pagePath = (name: string) => `${ADMIN}/${name}`;

/** The page at `rest`, which is what follows `/admin/`, and what follows its name; null where there is none. */
export function pageAt(rest: string): { page: AdminPage; rest: string } | null {
  const [name = "", ...more] = rest.replace(/\/$/, "").split("/");
  const page = PAGES.find((one) => one.name === name);
  return page ? { page, rest: more.join("/") } : null;
}
