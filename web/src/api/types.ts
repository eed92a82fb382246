/**
 * What travels between the server and this page, in the words of docs/protocol.md.
 * The shapes are the server's own (shapes.ts); here are the names this page has for their parts.
 */
import type {
  Chat,
  EventData,
  Goodbye,
  Invitation,
  MyEventData,
  Report,
  Settled,
  Space,
  Token,
  You,
} from "./shapes";

export type {
  Account,
  AccountPage,
  Alarm,
  Branding,
  CamePage,
  Capacity,
  Card,
  CardPage,
  Case,
  CaseOfRecord,
  CasePage,
  Chat,
  Conversation,
  ConversationPage,
  Counts,
  Email,
  Entry,
  EventData,
  Floor,
  ForEveryone,
  Former,
  Found,
  History,
  Identity,
  Invitation,
  Invitee,
  InviteePage,
  Job,
  JobPage,
  Line,
  Link,
  LinkCard,
  Links,
  ListenerPage,
  LogPage,
  MadeInvitation,
  MadeLink,
  MadePicture,
  MadeToken,
  MadeVoiceNote,
  Me,
  Message,
  MessagePage,
  MySnapshot,
  Newcomer,
  Notification,
  NotificationPage,
  NotificationSettings,
  Overview,
  OwnInvitations,
  Pair,
  Passkey,
  PeoplePage,
  Person,
  PersonRecord,
  Picture,
  Post,
  PostPage,
  Profile,
  Provider,
  Push,
  Pushes,
  Quoted,
  RecoveryCodes,
  Related,
  RelatedPage,
  Relation,
  Report,
  Request,
  Returned,
  Seat,
  Session,
  Shared,
  SignIns,
  SignUp,
  SignUpInvitation,
  SignUpInvitationPage,
  Snapshot,
  Space,
  SpaceOfCase,
  SpaceOfNow,
  Suspended,
  Suspension,
  SuspensionPage,
  Thread,
  TimelineItem,
  TimelinePage,
  Token,
  Tokens,
  Tried,
  TriedColours,
  Visit,
  Voice,
  Waiting,
  WaitingPage,
  WaitingPerson,
  WayBack,
  Ways,
  WholeAccount,
  Written,
  You,
} from "./shapes";

export type Policies = Pick<Space, "listen_policy" | "speak_policy" | "requests" | "anonymous_listening">;
export type InvitedRole = Invitation["role"];
/** Who writes, how often one person, and whether it stays after the end. */
export type ChatRules = Pick<Chat, "writers" | "slow_seconds" | "kept">;
export type Role = You["role"];
export type GoodbyeReason = Goodbye["reason"];
/** How far a token reaches. */
export type Scope = Token["scopes"][number];
/** Why somebody reports, and what came of a case. */
export type Reason = Report["reason"];
export type Outcome = Settled["outcome"];
export type EventType = keyof EventData;

/** One event of one's own stream. */
export type MyEvent = {
  [T in keyof MyEventData]: { id: string; type: T; data: MyEventData[T] };
}[keyof MyEventData];

/** One live event; `id` is `<epoch>-<number>`. */
export type LiveEvent = { [T in EventType]: { id: string; type: T; data: EventData[T] } }[EventType];
