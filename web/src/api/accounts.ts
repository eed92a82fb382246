/** What staff ask of the server about who gets in and who is who; loaded when it is needed. */
import { answer, done } from "./client";
import type {
  AccountPage,
  CamePage,
  MadeInvitation,
  SignUpInvitationPage,
  WaitingPage,
  WayBack,
  WholeAccount,
} from "./types";

export type Whom = "everybody" | "staff" | "suspended";

const after = (cursor: string | null) => (cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`);

export const listAccounts = (words: string, whom: Whom, cursor: string | null) =>
  answer<AccountPage>("GET", `/admin/people?q=${encodeURIComponent(words)}&whom=${whom}${after(cursor)}`);
export const findAccount = (user: string) => answer<WholeAccount>("GET", `/admin/people/${user}`);
export const giveRole = (user: string, role: WholeAccount["role"]) =>
  done("PUT", `/admin/people/${user}/role`, { role });
export const sendOut = (user: string) => done("DELETE", `/admin/people/${user}/sessions`);
/** A code that signs in once within a day, told this once. */
export const giveWayBack = (user: string) => answer<WayBack>("POST", `/admin/people/${user}/way-back`);
export const forgetPicture = (user: string) => done("DELETE", `/moderation/people/${user}/picture`);

export const listWaiting = (cursor: string | null) =>
  answer<WaitingPage>("GET", `/moderation/waiting?limit=20${after(cursor)}`);
export const letIn = (person: string) => done("POST", `/moderation/waiting/${person}/let-in`);
export const turnAway = (person: string) => done("POST", `/moderation/waiting/${person}/turn-away`);

export const listInvitations = (cursor: string | null) =>
  answer<SignUpInvitationPage>("GET", `/admin/invitations?limit=20${after(cursor)}`);
/** The code is told this once. */
export const makeInvitation = (words: { uses: number; days: number; note: string }) =>
  answer<MadeInvitation>("POST", "/admin/invitations", words);
export const endInvitation = (id: string) => done("DELETE", `/admin/invitations/${id}`);
export const whoCame = (id: string) => answer<CamePage>("GET", `/admin/invitations/${id}/people?limit=100`);
