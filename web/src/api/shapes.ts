/** What the server sends: written by `make fix` from its API's description. */

/** What a host may want to know of somebody who asks.

since: when the account was made. spoke: how many turns they had here. removed: from how many
other spaces of this instance they were removed. */
export interface About {
  since: string;
  follows_host: boolean;
  followed_by_host: boolean;
  spoke: number;
  removed: number;
}

/** Accounts, the newest first; the cursor is null on the last page. */
export interface AccountPage {
  items: Account[];
  next_cursor: string | null;
}

/** Somebody with an account, in a list. */
export interface Account {
  person: Person;
  role: "member" | "moderator" | "admin";
  since: string;
  protected: boolean;
  suspended: boolean;
  suspended_until: string | null;
}

/** That many came or asked at once; null once it is over. */
export interface AlarmNow {
  alarm: Alarm | null;
}

/** Many came or asked at once: since when, how many at its worst, and until when it is shown. */
export interface Alarm {
  since: string;
  until: string;
  newcomers: number;
  requests: number;
}

/** The post that another answers; both are null where it is gone, or not for one to see. */
export interface Answered {
  id: string | null;
  author: Person | null;
}

/** What somebody said to their suspension. */
export interface Appeal {
  words: string;
  at: string;
}

/** What was chosen; name: empty for ours. ours: what stands where nothing was. */
export interface Branding {
  name: string;
  about: string;
  rules: string;
  contact: string;
  logo: string | null;
  colours: Colours;
  ours: OurColours;
}

/** Who signed up by an invitation; the cursor is null on the last page. */
export interface CamePage {
  items: Person[];
  next_cursor: string | null;
}

/** How many more there is room for. */
export interface CapacityNow {
  capacity: Capacity;
}

/** How many more listeners there is room for, and what the engine leaves out for want of time.

room: rounded; null while it is not known. */
export interface Capacity {
  room: number | null;
  step: "none" | "encoding" | "events" | "packets" | "closed";
}

/** A space as a list or a door shows it; who may not listen gets null for what is kept. */
export interface Card {
  id: string;
  title: string;
  topics: string[];
  languages: string[];
  state: "draft" | "scheduled" | "live" | "ended" | "cancelled";
  listen_policy: "everyone" | "followed" | "followers" | "invited";
  speak_policy: "everyone" | "followed" | "invited";
  requests: "everyone" | "followed" | "off";
  anonymous_listening: boolean;
  music: boolean;
  host: Person;
  created_at: string;
  starts_at: string | null;
  started_at: string | null;
  ended_at: string | null;
  description: string | null;
  reminders: number | null;
  stage: Seat[] | null;
  counts: Counts | null;
  you: You;
}

/** One page of cards; the cursor is null on the last. */
export interface CardPage {
  items: Card[];
  next_cursor: string | null;
}

/** A case without what was said. count: how many reported. */
export interface CaseOfRecord {
  id: string;
  state: "open" | "settled";
  urgent: boolean;
  opened_at: string;
  last_at: string;
  count: number;
  person: Person | null;
  space: SpaceOfCase | null;
  settled: Settled | null;
}

/** One page of cases; next is null on the last. */
export interface CasePage {
  cases: Case[];
  next: string | null;
}

/** A case with its latest reports, the last one first. */
export interface Case {
  id: string;
  state: "open" | "settled";
  urgent: boolean;
  opened_at: string;
  last_at: string;
  count: number;
  person: Person | null;
  space: SpaceOfCase | null;
  settled: Settled | null;
  reports: Report[];
}

/** By which ways somebody is told of a matter. */
export interface Channels {
  app: boolean;
  push: boolean;
  mail: boolean;
}

/** How a chat is, with the lines that are new or not as they were.

first: number of the first line that is still shown to who comes in; null when there is none. */
export interface ChatNow {
  chat: Chat;
  first: number | null;
}

/** The end of a chat. taken: numbers of lines taken away lately, also of older ones. */
export interface Chat {
  writers: "everyone" | "stage" | "off";
  slow_seconds: number;
  kept: boolean;
  lines: Line[];
  taken: number[];
}

/** The six colours; null: ours. */
export interface Colours {
  ground: Pair | null;
  paper: Pair | null;
  ink: Pair | null;
  lamp: Pair | null;
  host: Pair | null;
  live: Pair | null;
}

/** A conversation that is not there any more, or not where it was. */
export interface ConversationGone {
  id: string;
}

/** A conversation that is new or not as it was. */
export interface ConversationNow {
  conversation: Conversation;
}

/** One page of conversations, those with the latest news first. */
export interface ConversationPage {
  items: Conversation[];
  next_cursor: string | null;
  unread: number;
  asked: number;
}

/** One conversation.

title: of a group that has one. unread: how many messages are news. at: when there was news.
version: another one as soon as something was changed that is not the last message. */
export interface Conversation {
  id: string;
  is_group: boolean;
  title: string;
  standing: "accepted" | "asked" | "left";
  members: Member[];
  last: Message | null;
  unread: number;
  at: string;
  version: number;
}

/** How many there are. */
export interface CountsNow {
  counts: Counts;
}

/** How many listen, and how many want to speak. */
export interface Counts {
  listeners: number;
  requests: number;
}

/** Where one is written to; waiting: what one has still to show to be one's own.

sends: whether this server sends mail at all. */
export interface Email {
  sends: boolean;
  address: string | null;
  waiting: string | null;
}

/** How much the media engine has to do; busy, late, lost: in thousandths.

step: what it leaves out. room: how many more listeners it can carry. */
export interface EngineOfNow {
  step: "none" | "encoding" | "events" | "packets" | "closed";
  room: number;
  busy: number;
  late: number;
  lost: number;
}

/** One act; `act` is a word. by, person, space: null for those that are gone, or were none. */
export interface Entry {
  number: number;
  at: string;
  act: string;
  by: Person | null;
  person: Person | null;
  space: SpaceOfEntry | null;
  data: Record<string, unknown>;
}

/** Type of an event -> its data. */
export interface EventData {
  snapshot: Snapshot;
  space_changed: SpaceNow;
  seat_changed: SeatNow;
  seat_left: PersonGone;
  floor_changed: FloorNow;
  counts_changed: CountsNow;
  stage_reactions_changed: StageReactionsNow;
  reactions_changed: ReactionsNow;
  chat_changed: ChatNow;
  shared_changed: SharedNow;
  person_arrived: PersonHere;
  person_left: PersonGone;
  queue_changed: QueueNow;
  capacity_changed: CapacityNow;
  alarm_changed: AlarmNow;
  you_changed: YouNow;
  goodbye: Goodbye;
}

/** A colour that cannot be read in a theme: `text` stands on `on`, both colours of the app.

better: the nearest that can be read; null where no other would help by itself. */
export interface Fault {
  colour: "ground" | "paper" | "ink" | "lamp" | "host" | "live";
  theme: "light" | "dark";
  text: string;
  on: string;
  ratio: number;
  needed: number;
  better: string | null;
}

/** How turns are given, and who is next. */
export interface FloorNow {
  floor: Floor;
}

/** How turns are given, who may ask, and the head of the line.

line: null for who does not want to be listed. next: the place of whoever comes up next. */
export interface Floor {
  policy: "in_order" | "first_timers" | "fast_lane";
  turn_seconds: number | null;
  locked: boolean;
  account_age_hours: number;
  followers_only: boolean;
  slow_seconds: number;
  line: (Person | null)[];
  next: number | null;
}

/** What there is for everyone; no space stands in it twice.

lively: live ones, those with most people first. people: whom those follow whom one follows. */
export interface ForEveryone {
  featured: Card[];
  lively: Card[];
  soon: Card[];
  topics: Topic[];
  languages: Spoken[];
  people: Related[];
}

/** What a post said until a moment. */
export interface Former {
  text: string;
  until: string;
}

/** What was found, by kind; null for what was not asked for. */
export interface Found {
  people: FoundPeople | null;
  spaces: FoundSpaces | null;
  posts: FoundPosts | null;
  tags: FoundTags | null;
}

/** People, with how one stands to them; the cursor is null on the last page. */
export interface FoundPeople {
  items: Related[];
  next_cursor: string | null;
}

/** Posts, the latest first. */
export interface FoundPosts {
  items: Post[];
  next_cursor: string | null;
}

/** Spaces: live, to come, over. */
export interface FoundSpaces {
  items: Card[];
  next_cursor: string | null;
}

/** Hashtags by their letters. */
export interface FoundTags {
  items: Tag[];
  next_cursor: string | null;
}

/** Why a stream ends. */
export interface Goodbye {
  reason:
    | "removed"
    | "narrowed"
    | "elsewhere"
    | "ended"
    | "signed_out"
    | "suspended"
    | "deleted"
    | "restarting";
  reconnect: boolean;
}

/** What a post said before, the first first. */
export interface History {
  items: Former[];
}

/** An account one has at a provider; provider: null where that one is asked no more.

used: the day (UTC) on which one signed in with it last. */
export interface Identity {
  id: string;
  provider: string | null;
  label: string;
  since: string;
  used: string | null;
}

/** What the instance says of itself; logo: the name of its sign, null while it has ours. */
export interface Instance {
  name: string;
  about: string;
  rules: string;
  contact: string;
  logo: string | null;
}

/** What a message invites to; open: whether it can still be answered. */
export interface InvitationOfMessage {
  role: "listener" | "speaker" | "co_host";
  person: Person | null;
  open: boolean;
}

/** What somebody is invited to. */
export interface Invitation {
  role: "listener" | "speaker" | "co_host";
}

/** That somebody came by an invitation; person: null where the operator made it. */
export interface InvitedBy {
  person: Person | null;
}

/** One page of those who are invited; the cursor is null on the last. */
export interface InviteePage {
  items: Invitee[];
  next_cursor: string | null;
}

/** Somebody who is invited, as hosts see it. */
export interface Invitee {
  person: Person;
  role: "listener" | "speaker" | "co_host";
}

/** One page of jobs; the cursor is null on the last. */
export interface JobPage {
  items: Job[];
  next_cursor: string | null;
}

/** Something to be done later. last_error: the kind of what it failed with last. */
export interface Job {
  id: string;
  kind: string;
  run_at: string;
  attempts: number;
  last_error: string | null;
}

/** How much is still to be done, and how much was given up; both counted as far as 1,000. */
export interface JobsOfNow {
  waiting: number;
  failed: number;
}

/** One line; `number` is its place in the chat of its space. */
export interface Line {
  number: number;
  person: Person;
  text: string;
  at: string;
}

/** What the page behind a link says of itself; its words are the page's, and plain text. */
export interface LinkCard {
  url: string;
  title: string;
  description: string;
  site: string;
  picture: LinkPicture | null;
}

/** The picture of a link card. */
export interface LinkPicture {
  name: string;
  width: number;
  height: number;
}

/** A link that invites, as hosts see it. */
export interface Link {
  id: string;
  role: "listener" | "speaker" | "co_host";
  uses_left: number;
  created_at: string;
  expires_at: string;
}

/** The links of a space. */
export interface Links {
  items: Link[];
}

/** One page of listeners; the cursor is null on the last. */
export interface ListenerPage {
  items: Related[];
  next_cursor: string | null;
}

/** One page of the log; next is null on the last. */
export interface LogPage {
  entries: Entry[];
  next: string | null;
}

/** An invitation with its code, told this once. */
export interface MadeInvitation {
  invitation: SignUpInvitation;
  code: string;
}

/** A link with its secret, which is told once. */
export interface MadeLink {
  link: Link;
  token: string;
}

/** A picture that can be put into a post within a day. */
export interface MadePicture {
  id: string;
  width: number;
  height: number;
}

/** A token with its secret, which is told once. */
export interface MadeToken {
  token: Token;
  secret: string;
}

/** A voice note that can be put into a post within a day.

levels: how loud each of its 64 parts is, 0 to 255. */
export interface MadeVoiceNote {
  id: string;
  duration_ms: number;
  levels: number[];
}

/** Oneself. */
export interface Me {
  id: string;
  name: string | null;
  display_name: string;
  picture?: string;
  badge?: "verified" | "team";
  kind: "account" | "guest" | "anonymous" | "waiting";
  role: "member" | "moderator" | "admin" | null;
  listed: boolean;
  protected: boolean;
}

/** Somebody in a conversation, and the number of the message up to which they have read. */
export interface Member {
  person: Person;
  read: number;
}

/** One page of messages, the latest first, and the conversation as it is.

conversation: null where there is none with this person yet. */
export interface MessagePage {
  conversation: Conversation | null;
  person: Person | null;
  items: Message[];
  next_cursor: string | null;
}

/** One message; `number` is its place in its conversation.

kind: `said`, `invited`, or of a group `added`, `left`, `named` (`text` is the name).
person: whom it tells of, of `added`. space: null also for who may not know of it.
gone: it was taken away, and there is nothing in it any more. */
export interface Message {
  number: number;
  kind: "said" | "invited" | "added" | "left" | "named";
  by: Person;
  text: string;
  at: string;
  person: Person | null;
  space: SpaceOfMessage | null;
  invitation: InvitationOfMessage | null;
  gone: boolean;
}

/** How much one has not read, and how many ask. */
export interface MessagesNow {
  messages: News;
}

/** What one has done with a post oneself. */
export interface Mine {
  likes: boolean;
  reposts: boolean;
}

/** How much waits for a moderator; null for everybody else. */
export interface ModerationNow {
  moderation: OpenCases | null;
}

/** Type of an event of one's own stream -> its data. */
export interface MyEventData {
  snapshot: MySnapshot;
  unread_changed: UnreadNow;
  notification_changed: NotificationNow;
  notification_gone: NotificationGone;
  messages_changed: MessagesNow;
  conversation_changed: ConversationNow;
  conversation_gone: ConversationGone;
  moderation_changed: ModerationNow;
  timeline_grew: TimelineGrew;
  goodbye: Goodbye;
}

/** All that concerns one person outside the rooms. */
export interface MySnapshot {
  unread: number;
  notifications: Notification[];
  messages: News;
  asking: Conversation[];
  conversations: Conversation[];
  moderation: OpenCases | null;
}

/** What somebody who is new here may begin with; each may be empty. */
export interface Newcomer {
  name: string;
  display_name: string;
}

/** How many messages one has not read, and how many conversations wait for one's answer. */
export interface News {
  unread: number;
  asked: number;
}

/** Something one is told no more. */
export interface NotificationGone {
  id: string;
}

/** Something one is told, new or not as it was. */
export interface NotificationNow {
  notification: Notification;
}

/** One page of what one was told; the cursor is null on the last. */
export interface NotificationPage {
  items: Notification[];
  next_cursor: string | null;
  unread: number;
}

/** How somebody wants to be told. */
export interface NotificationSettings {
  zone: string;
  quiet: Quiet | null;
  kinds: Record<string, Channels>;
}

/** Something that somebody was told; the web app has the words for each kind. */
export interface Notification {
  id: string;
  kind:
    | "invited"
    | "brought_up"
    | "handed_over"
    | "starts_soon"
    | "time_to_start"
    | "started"
    | "rescheduled"
    | "cancelled"
    | "followed"
    | "follow_asked"
    | "follow_accepted"
    | "mentioned"
    | "replied"
    | "quoted"
    | "liked"
    | "reposted"
    | "warned"
    | "space_ended"
    | "space_renamed"
    | "post_taken_away"
    | "suspension_lifted"
    | "let_in"
    | "role_given"
    | "sent_out"
    | "way_back_given"
    | "report_seen";
  at: string;
  read: boolean;
  people: Person[];
  count: number;
  space: SpaceOfNotification | null;
  post: PostOfNotification | null;
  role: "listener" | "speaker" | "co_host" | null;
  starts_at: string | null;
  was: string | null;
  words: string | null;
}

/** How it stands with whoever waits; refused: staff do not let them in. */
export interface OnList {
  name: string;
  display_name: string;
  since: string;
  note: string;
  refused: boolean;
}

/** How much waits for a moderator; urgent: how many cases of danger are among them.

last_at: when something was last reported about any of them; null while none is open. */
export interface OpenCases {
  open_cases: number;
  urgent: number;
  last_at: string | null;
}

/** The six colours as we made them. */
export interface OurColours {
  ground: Pair;
  paper: Pair;
  ink: Pair;
  lamp: Pair;
  host: Pair;
  live: Pair;
}

/** What goes on now. spaces: the fullest of those that are live; live: how many there are.

accounts: counted as far as 100,000. engine: null until it has said something. */
export interface Overview {
  version: string;
  live: number;
  listeners: number;
  on_stage: number;
  accounts: number;
  spaces: SpaceOfNow[];
  reports: OpenCases;
  jobs: JobsOfNow;
  engine: EngineOfNow | null;
}

/** A member's invitations, the latest first; left: whom they can still invite. */
export interface OwnInvitations {
  items: SignUpInvitation[];
  left: number;
}

/** A colour in both themes. */
export interface Pair {
  light: string;
  dark: string;
}

/** A passkey; used: the day (UTC) on which one signed in with it last. */
export interface Passkey {
  id: string;
  name: string;
  since: string;
  used: string | null;
}

/** One page of people; the cursor is null on the last. */
export interface PeoplePage {
  items: Person[];
  next_cursor: string | null;
}

/** Somebody who is not there any more. */
export interface PersonGone {
  person_id: string;
}

/** Somebody who came, or is called something else. */
export interface PersonHere {
  person: Person;
}

/** What moderators know of somebody.

since: when the account was made. removals: from how many spaces they were removed. */
export interface PersonRecord {
  person: Person;
  since: string;
  role: "member" | "moderator" | "admin" | null;
  spaces_hosted: number;
  removals: number;
  cases: CaseOfRecord[];
  warnings: Warning[];
  suspension: Suspension | null;
}

/** Somebody, as everybody may see them.

picture: the name of their picture. badge: what staff say of them. Both are left out where there
is none: a crowd is many people. */
export interface Person {
  id: string;
  name: string | null;
  display_name: string;
  picture?: string;
  badge?: "verified" | "team";
}

/** A picture in a post; its width and height are those of the largest there is. */
export interface Picture {
  id: string;
  width: number;
  height: number;
  description: string;
}

/** How many people did something with a post. */
export interface PostCounts {
  likes: number;
  reposts: number;
  replies: number;
  quotes: number;
}

/** The post that something was about, as it is now; voice: a voice note speaks in it. */
export interface PostOfNotification {
  id: string;
  text: string;
  voice: boolean;
}

/** A post as it was when somebody reported it; is_there: nobody has taken it away since.

voice: under an id of its own, by which moderators hear it also when the post is gone. */
export interface PostOfReport {
  id: string;
  text: string;
  at: string;
  voice: Voice | null;
  is_there: boolean;
}

/** One page of posts; the cursor is null on the last. */
export interface PostPage {
  items: Post[];
  next_cursor: string | null;
}

/** A post; mine is null for those without an account. */
export interface Post {
  id: string;
  author: Person | null;
  text: string;
  at: string;
  edited_at: string | null;
  gone: boolean;
  mentions: Person[];
  pictures: Picture[];
  voice: Voice | null;
  link_card: LinkCard | null;
  space: Card | null;
  reply_to: Answered | null;
  quote: Quoted | null;
  counts: PostCounts;
  mine: Mine | null;
}

/** What one may know of somebody.

protected: they let people follow one by one. bio, links, topics: what they say of themselves,
which nobody but staff sees while they are suspended. since: the day on which they came. */
export interface Profile {
  id: string;
  name: string | null;
  display_name: string;
  picture?: string;
  badge?: "verified" | "team";
  relation: Relation | null;
  followers: number;
  follows: number;
  protected: boolean;
  bio: string;
  links: string[];
  topics: string[];
  since: string;
}

/** A server elsewhere that says who one is; label: what people call it. */
export interface Provider {
  id: string;
  label: string;
}

/** A browser in which one is told; this: the one that asks; empty words: not known. */
export interface Push {
  id: string;
  this: boolean;
  browser: string;
  system: string;
  since: string;
}

/** The browsers in which one is told, and the key that another needs (RFC 8292, 3.2). */
export interface Pushes {
  key: string;
  items: Push[];
}

/** Who wants to speak, in order. */
export interface QueueNow {
  queue: Waiting[];
}

export interface Quiet {
  from: string;
  to: string;
}

/** A post within another.

gone: it was taken away, or is not for one to see; its text is empty then, and there is no
author.
mentions: whom the words name; other names in them are just words. */
export interface Quoted {
  id: string;
  author: Person | null;
  text: string;
  at: string;
  edited_at: string | null;
  gone: boolean;
  mentions: Person[];
  pictures: Picture[];
  voice: Voice | null;
  link_card: LinkCard | null;
  space: Card | null;
}

/** How often everybody reacted with what. */
export interface ReactionsNow {
  reactions: Record<string, number>;
}

/** Codes that sign in once each, told this once. */
export interface RecoveryCodes {
  codes: string[];
}

/** People with how one stands to each. */
export interface RelatedPage {
  items: Related[];
}

/** Somebody with how one stands to them; null of oneself, and for those without an account. */
export interface Related {
  id: string;
  name: string | null;
  display_name: string;
  picture?: string;
  badge?: "verified" | "team";
  relation: Relation | null;
}

/** How one stands to somebody; asked: one waits to be let follow them.

bell: one is told when they go live. */
export interface Relation {
  follows: boolean;
  followed_by: boolean;
  blocks: boolean;
  mutes: boolean;
  asked: boolean;
  bell: boolean;
}

/** What one person said; by: null when they are gone. scene: null without a space.

posts: those that it is about. */
export interface Report {
  id: string;
  reason: "harassment" | "spam" | "impersonation" | "danger";
  words: string;
  at: string;
  by: Person | null;
  scene: Scene | null;
  posts: PostOfReport[];
}

/** A request to speak, as hosts and the one who asks see it.

expected_at: about when its turn comes; null while nobody can know. */
export interface Request {
  person: Person;
  note: string;
  asked_at: string;
  place: number;
  ready: boolean;
  expected_at: string | null;
}

/** What it was worth to come back, and where one goes on to.

me: who one is now, if one signed in. newcomer: if one has no account here yet: `POST /accounts`
with `provider` makes one. */
export interface Returned {
  what: "signed_in" | "introduced" | "linked" | "proved";
  next: string;
  me: Me | null;
  newcomer: Newcomer | null;
}

/** A line of the chat, as it was. */
export interface SceneLine {
  text: string;
  at: string;
}

/** What could be seen in a space when somebody reported.

role: of the person meant; null when none was. lines: their last ones in the chat. */
export interface Scene {
  title: string;
  live_s: number;
  role: "host" | "co_host" | "speaker" | "listener" | null;
  stage: Person[];
  lines: SceneLine[];
}

/** Somebody's seat. */
export interface SeatNow {
  seat: Seat;
}

/** A seat as everybody sees it. */
export interface Seat {
  person: Person;
  role: "host" | "co_host" | "speaker";
  muted: boolean;
  connected: boolean;
  source: number;
  seated_at: string;
  confirm_by: string | null;
  turn_ends_at: string | null;
}

/** Where one is signed in.

this: whether by this one it was asked. seen: the day (UTC) on which it was used last.
browser, system: what it calls itself; empty where that is not known. */
export interface Session {
  id: string;
  this: boolean;
  browser: string;
  system: string;
  since: string;
  seen: string;
}

/** What came of a case, and why. */
export interface Settled {
  at: string;
  by: Person;
  outcome: "dismissed" | "warned" | "suspended" | "ended" | "renamed" | "post_taken_away";
  words: string;
}

/** What is new on the table or not as it was, and the ids of what is gone. */
export interface SharedNow {
  shared: Shared[];
  gone: string[];
}

/** Something on the table. host: where the link leads. */
export interface Shared {
  id: string;
  person: Person;
  text: string;
  link: string | null;
  host: string | null;
  at: string;
  pinned: boolean;
}

/** Where one is signed in, and what one signs in with.

recovery_codes: how many are left. providers: with which one could. */
export interface SignIns {
  sessions: Session[];
  password: boolean;
  passkeys: Passkey[];
  identities: Identity[];
  providers: Provider[];
  recovery_codes: number;
}

/** Invitations, the latest first; the cursor is null on the last page. */
export interface SignUpInvitationPage {
  items: SignUpInvitation[];
  next_cursor: string | null;
}

/** A code, which itself is not known any more; by: null of the operator's.

is_open: whether somebody can still sign up by it. */
export interface SignUpInvitation {
  id: string;
  by: Person | null;
  note: string;
  uses: number;
  uses_left: number;
  created_at: string;
  expires_at: string;
  is_open: boolean;
}

/** What it takes to sign up, and how one stands oneself.

minimum_age: in years, 0: nobody asks. too_young: this browser was refused for it lately.
mail: whether who waits can be written to. waiting: null for who does not wait. */
export interface SignUp {
  mode: "open" | "invitation" | "waiting" | "closed";
  minimum_age: number;
  too_young: boolean;
  mail: boolean;
  waiting: OnList | null;
}

/** All that one person may see of a space; the last four are for its hosts only. */
export interface Snapshot {
  space: Space;
  stage: Seat[];
  floor: Floor;
  counts: Counts;
  stage_reactions: Record<string, Record<string, number>>;
  reactions: Record<string, number>;
  chat: Chat;
  shared: Shared[];
  you: You;
  queue: Waiting[] | null;
  people: Person[] | null;
  capacity: Capacity | null;
  alarm: Alarm | null;
}

/** What is said of a space. */
export interface SpaceNow {
  space: Space;
}

/** The space that a case is about, or where its person was, as it is now. */
export interface SpaceOfCase {
  id: string;
  title: string;
  description: string;
  state: "draft" | "scheduled" | "live" | "ended" | "cancelled";
  host: Person;
}

/** Where something was done. */
export interface SpaceOfEntry {
  id: string;
  title: string;
}

/** The space that a message shows, as it is now. */
export interface SpaceOfMessage {
  id: string;
  title: string;
  state: "draft" | "scheduled" | "live" | "ended" | "cancelled";
  starts_at: string | null;
  host: Person;
}

/** The space that something was about, as it is now. */
export interface SpaceOfNotification {
  id: string;
  title: string;
  state: "draft" | "scheduled" | "live" | "ended" | "cancelled";
  starts_at: string | null;
}

/** A live space. room: for how many more there is, null while nobody knows.

cases: open ones about it, or about somebody in it. */
export interface SpaceOfNow {
  id: string;
  title: string;
  host: Person;
  started_at: string | null;
  listeners: number;
  on_stage: number;
  room: number | null;
  cases: number;
}

/** A space as everybody inside sees it. */
export interface Space {
  id: string;
  title: string;
  topics: string[];
  languages: string[];
  state: "draft" | "scheduled" | "live" | "ended" | "cancelled";
  listen_policy: "everyone" | "followed" | "followers" | "invited";
  speak_policy: "everyone" | "followed" | "invited";
  requests: "everyone" | "followed" | "off";
  anonymous_listening: boolean;
  music: boolean;
  host: Person;
  created_at: string;
  starts_at: string | null;
  started_at: string | null;
  ended_at: string | null;
  description: string;
  reminders: number;
}

/** A language (RFC 5646, in small letters) in which there are spaces. */
export interface Spoken {
  language: string;
  spaces: number;
}

/** How often each of those on the stage reacted with what. */
export interface StageReactionsNow {
  stage_reactions: Record<string, Record<string, number>>;
}

/** A suspension in force, and whose it is. */
export interface Suspended {
  until: string | null;
  words: string;
  at: string;
  by: Person;
  appeal: Appeal | null;
  person: Person;
}

/** One page of suspensions; next is null on the last. */
export interface SuspensionPage {
  suspensions: Suspended[];
  next: string | null;
}

/** A suspension in force; until: null for good. */
export interface Suspension {
  until: string | null;
  words: string;
  at: string;
  by: Person;
  appeal: Appeal | null;
}

/** A hashtag; posts: how many one may see, 100 for as many and more. */
export interface Tag {
  tag: string;
  posts: number;
}

/** What stands around a post: what it answers, from the beginning, and a page of answers. */
export interface Thread {
  items: Post[];
  next_cursor: string | null;
  above: Post[];
}

/** Somebody one follows put something into timelines. */
export interface TimelineGrew {
  person: Person;
}

/** Something in one's timeline; reposted_by: who passed it on, null where they wrote it. */
export interface TimelineItem {
  id: string;
  post: Post;
  reposted_by: Person | null;
  at: string;
}

/** One page of a timeline; it may be short, and the cursor is null on the last. */
export interface TimelinePage {
  items: TimelineItem[];
  next_cursor: string | null;
}

/** A token; no name: the operator made it. */
export interface Token {
  id: string;
  name: string;
  scopes: ("read" | "write" | "speak" | "host" | "moderate" | "admin")[];
  since: string;
}

/** One's tokens, the newest first. */
export interface Tokens {
  items: Token[];
}

/** What spaces are about; spaces: in how many, live or to come. */
export interface Topic {
  topic: string;
  spaces: number;
}

/** What would become of colours: every colour of the app that is another, and what is wrong. */
export interface TriedColours {
  tokens: Record<string, Pair>;
  faults: Fault[];
}

/** What came of a test: how many browsers took it, and how many did not. */
export interface Tried {
  sent: number;
  failed: number;
}

/** How much one has not seen. */
export interface UnreadNow {
  unread: number;
}

/** Where to go. */
export interface Visit {
  address: string;
}

/** A voice note in a post; levels: how loud each of its 64 parts is, 0 to 255. */
export interface Voice {
  id: string;
  duration_ms: number;
  levels: number[];
}

/** Who waits, the longest first; the cursor is null on the last page. */
export interface WaitingPage {
  items: WaitingPerson[];
  next_cursor: string | null;
}

/** Somebody who waits, and what they say. */
export interface WaitingPerson {
  id: string;
  name: string;
  display_name: string;
  since: string;
  note: string;
}

/** A request as hosts see it. */
export interface Waiting {
  person: Person;
  note: string;
  asked_at: string;
  place: number;
  ready: boolean;
  expected_at: string | null;
  about: About;
}

/** A warning that somebody got. */
export interface Warning {
  words: string;
  at: string;
  by: Person;
}

/** A code that signs somebody in once, told this once. */
export interface WayBack {
  name: string;
  code: string;
  expires_at: string;
}

/** By what people can sign in, beside passkey, password and recovery code.

letter: whether whoever forgot their password can have a letter. */
export interface Ways {
  providers: Provider[];
  letter: boolean;
}

/** Somebody with an account, with how they sign in and how they came. */
export interface WholeAccount {
  person: Person;
  role: "member" | "moderator" | "admin";
  since: string;
  protected: boolean;
  suspended: boolean;
  suspended_until: string | null;
  password: boolean;
  passkeys: number;
  sessions: number;
  tokens: number;
  email: boolean;
  invited: InvitedBy | null;
}

/** A message that one wrote just now, and where. */
export interface Written {
  number: number;
  kind: "said" | "invited" | "added" | "left" | "named";
  by: Person;
  text: string;
  at: string;
  person: Person | null;
  space: SpaceOfMessage | null;
  invitation: InvitationOfMessage | null;
  gone: boolean;
  conversation: string;
}

/** How one stands. */
export interface YouNow {
  you: You;
}

/** How one person stands to a space. */
export interface You {
  kind: "account" | "guest" | "anonymous" | "waiting";
  person: Person | null;
  role: "host" | "co_host" | "speaker" | "listener";
  may_listen: boolean;
  may_ask: boolean;
  may_take_seat: boolean;
  removed: boolean;
  request: Request | null;
  invitation: Invitation | null;
  reminded: boolean;
}
