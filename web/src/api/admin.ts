/** What this page asks of the server about the instance as a whole; loaded when it is needed. */
import { answer, done } from "./client";
import type { JobPage, Overview } from "./types";

export const overview = () => answer<Overview>("GET", "/admin/overview");

/** How a job stands. */
export type JobState = "failed" | "waiting" | "running";
export const listJobs = (state: JobState, cursor: string | null) =>
  answer<JobPage>("GET", `/admin/jobs?state=${state}${cursor === null ? "" : `&cursor=${cursor}`}`);
export const retryJob = (id: string) => done("POST", `/admin/jobs/${id}/retry`);
export const dropJob = (id: string) => done("DELETE", `/admin/jobs/${id}`);
