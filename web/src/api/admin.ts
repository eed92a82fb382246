/** What this page asks of the server about the instance as a whole; loaded when it is needed. */
import { answer, done, send } from "./client";
import type { Branding, JobPage, Overview, TriedColours } from "./types";

export const overview = () => answer<Overview>("GET", "/admin/overview");

/** How a job stands. */
export type JobState = "failed" | "waiting" | "running";
export const listJobs = (state: JobState, cursor: string | null) =>
  answer<JobPage>("GET", `/admin/jobs?state=${state}${cursor === null ? "" : `&cursor=${cursor}`}`);
export const retryJob = (id: string) => done("POST", `/admin/jobs/${id}/retry`);
export const dropJob = (id: string) => done("DELETE", `/admin/jobs/${id}`);

/** Name, words and colours, all of them anew; a colour that is null is ours. */
export type Chosen = Pick<Branding, "name" | "about" | "rules" | "contact" | "colours">;
export const branding = () => answer<Branding>("GET", "/admin/branding");
export const changeBranding = (chosen: Chosen) => answer<Branding>("PUT", "/admin/branding", chosen);
export const resetBranding = () => done("DELETE", "/admin/branding");
/** What would become of colours, and which could not be read. */
export const tryColours = (colours: Branding["colours"]) =>
  answer<TriedColours>("POST", "/admin/branding/check", colours);
export const wearLogo = async (picture: Blob): Promise<Branding> =>
  (await send("PUT", "/admin/branding/logo", { body: picture, timeoutMs: 60_000 })).json();
export const takeLogoOff = () => answer<Branding>("DELETE", "/admin/branding/logo");
