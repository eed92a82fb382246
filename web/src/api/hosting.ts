/** What hosts ask of the server: who comes, in which order, under which rules; loaded when it is needed. */
import { answer, done } from "./client";
import type { Card, InvitedRole, InviteePage, Links, MadeLink, Policies, Seat } from "./types";

export const cancelSpace = (space: string) => answer<Card>("POST", `/spaces/${space}/cancel`);
export const reschedule = (space: string, startsAt: string) =>
  answer<Card>("PATCH", `/spaces/${space}`, { starts_at: startsAt });
export const invite = (space: string, user: string, role: "listener" | "speaker" | "co_host") =>
  done("PUT", `/spaces/${space}/invitations/${encodeURIComponent(user)}`, { role });
export const invitedPeople = (space: string, cursor: string | null) =>
  answer<InviteePage>("GET", `/spaces/${space}/invitations${cursor ? `?cursor=${cursor}` : ""}`);
export const uninvite = (space: string, person: string) =>
  done("DELETE", `/spaces/${space}/invitations/${person}`);
export const handOver = (space: string, user: string) => done("PUT", `/spaces/${space}/host/${user}`);
export const invitationLinks = (space: string) => answer<Links>("GET", `/spaces/${space}/invitation-links`);
export const makeInvitationLink = (space: string, role: InvitedRole) =>
  answer<MadeLink>("POST", `/spaces/${space}/invitation-links`, { role });
export const takeLinkBack = (space: string, link: string) =>
  done("DELETE", `/spaces/${space}/invitation-links/${link}`);
/** Hosts name their space anew, and say what it is about. */
export const reword = (space: string, words: { title: string; description: string }) =>
  answer<Card>("PATCH", `/spaces/${space}`, words);
export const changePolicies = (space: string, change: Partial<Policies>) =>
  answer<Card>("PATCH", `/spaces/${space}`, change);
/** Let somebody stand before another in line, or with null at the end. */
export const moveInLine = (space: string, user: string, before: string | null) =>
  done("PUT", `/spaces/${space}/requests/${user}/place`, { before });
export const bringUp = (space: string, user: string) =>
  answer<Seat>("POST", `/spaces/${space}/requests/${user}/accept`);
export const decline = (space: string, user: string) =>
  done("POST", `/spaces/${space}/requests/${user}/decline`);
export const later = (space: string, user: string) => done("POST", `/spaces/${space}/requests/${user}/later`);
/** Bring up who is next: `expected`, as far as this page knows. */
export const bringUpNext = (space: string, expected: string) =>
  answer<Seat>("POST", `/spaces/${space}/queue/next`, { expected });
export const giveTime = (space: string, user: string, seconds: number) =>
  answer<Seat>("POST", `/spaces/${space}/stage/${user}/turn`, { seconds });
/** Remove everybody who came within so many seconds and is not known, in one act. */
export const clearRaid = (space: string, seconds: number, lock: boolean) =>
  answer<{ id: string; removed: number }>("POST", `/spaces/${space}/clearings`, { seconds, lock });
export const undoClearing = (space: string, clearing: string) =>
  done("DELETE", `/spaces/${space}/clearings/${clearing}`);
