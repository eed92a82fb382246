/** Small honest pieces of the protocol, for tests. */
import type {
  Card,
  Case,
  Chat,
  Conversation,
  Counts,
  Entry,
  EventData,
  EventType,
  Floor,
  Line,
  LiveEvent,
  Message,
  Notification,
  Person,
  PersonRecord,
  Post,
  Profile,
  Report,
  Request,
  Seat,
  Shared,
  Snapshot,
  Space,
  TimelineItem,
  Waiting,
  You,
} from "./types";

export function person(id: string, change: Partial<Person> = {}): Person {
  return { id, name: id, display_name: id[0]?.toUpperCase() + id.slice(1), ...change };
}

export function profile(id: string, change: Partial<Profile> = {}): Profile {
  return {
    ...person(id),
    relation: null,
    followers: 0,
    follows: 0,
    protected: false,
    bio: "",
    links: [],
    topics: [],
    since: "2026-01-01",
    ...change,
  };
}

export function seat(id: string, change: Partial<Seat> = {}): Seat {
  return {
    person: person(id),
    role: "speaker",
    muted: true,
    connected: true,
    source: 1_000 + [...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0),
    seated_at: "2026-03-01T20:00:00Z",
    confirm_by: null,
    turn_ends_at: null,
    ...change,
  };
}

export function request(id: string, place: number, note = ""): Request {
  return {
    person: person(id),
    note,
    asked_at: "2026-03-01T20:05:00Z",
    place,
    ready: false,
    expected_at: null,
  };
}

/** A request as hosts see it. */
export function waiting(id: string, place: number, note = "", change: Partial<Waiting> = {}): Waiting {
  const about = {
    since: "2026-01-01T12:00:00Z",
    follows_host: false,
    followed_by_host: false,
    spoke: 0,
    removed: 0,
  };
  return { ...request(id, place, note), about, ...change };
}

export function floor(change: Partial<Floor> = {}): Floor {
  return {
    policy: "in_order",
    turn_seconds: null,
    locked: false,
    account_age_hours: 0,
    followers_only: false,
    slow_seconds: 0,
    line: [],
    next: null,
    ...change,
  };
}

export function you(change: Partial<You> = {}): You {
  return {
    kind: "account",
    person: person("ben"),
    role: "listener",
    may_listen: true,
    may_ask: true,
    may_take_seat: false,
    removed: false,
    request: null,
    invitation: null,
    reminded: false,
    ...change,
  };
}

export function space(change: Partial<Space> = {}): Space {
  return {
    id: "kitchen",
    title: "Kitchen table",
    description: "",
    topics: [],
    languages: [],
    state: "live",
    listen_policy: "everyone",
    speak_policy: "invited",
    music: false,
    requests: "everyone",
    anonymous_listening: true,
    host: person("ama"),
    created_at: "2026-03-01T20:00:00Z",
    starts_at: null,
    started_at: "2026-03-01T20:00:00Z",
    ended_at: null,
    reminders: 0,
    ...change,
  };
}

export function line(number: number, change: Partial<Line> = {}): Line {
  return { number, person: person("ben"), text: `line ${number}`, at: "2026-03-01T20:05:00Z", ...change };
}

export function chat(change: Partial<Chat> = {}): Chat {
  return { writers: "everyone", slow_seconds: 0, kept: false, lines: [], taken: [], ...change };
}

export function shared(id: string, change: Partial<Shared> = {}): Shared {
  const at = "2026-03-01T20:05:00Z";
  return { id, person: person("ama"), text: id, link: null, host: null, at, pinned: false, ...change };
}

const COUNTS: Counts = { listeners: 1, requests: 0 };

export function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  return {
    space: space(),
    stage: [seat("ama", { role: "host" })],
    floor: floor(),
    counts: COUNTS,
    reactions: {},
    stage_reactions: {},
    chat: chat(),
    shared: [],
    you: you(),
    queue: null,
    people: null,
    capacity: null,
    alarm: null,
    ...change,
  };
}

export function card(change: Partial<Card> = {}): Card {
  return { ...space(), stage: [seat("ama", { role: "host" })], counts: COUNTS, you: you(), ...change };
}

/** An event with the id `<epoch>-<number>`. */
export function event<T extends EventType>(
  number: number,
  type: T,
  data: EventData[T],
  epoch = "e1",
): LiveEvent {
  return { id: `${epoch}-${number}`, type, data } as LiveEvent;
}

export function notification(id: string, change: Partial<Notification> = {}): Notification {
  return {
    id,
    kind: "invited",
    at: "2026-03-01T20:00:00Z",
    read: false,
    people: [person("ama")],
    count: 1,
    space: { id: "kitchen", title: "Kitchen table", state: "live", starts_at: null },
    post: null,
    role: "listener",
    starts_at: null,
    was: null,
    words: null,
    ...change,
  };
}

export function message(number: number, change: Partial<Message> = {}): Message {
  return {
    number,
    kind: "said",
    by: person("ama"),
    text: `message ${number}`,
    at: "2026-03-01T20:00:00Z",
    person: null,
    space: null,
    invitation: null,
    gone: false,
    ...change,
  };
}

/** A conversation with Ama, of which nothing was read yet. */
export function conversation(id: string, change: Partial<Conversation> = {}): Conversation {
  const members = ["ama", "ben"].map((name) => ({ person: person(name), read: 0 }));
  return {
    id,
    is_group: false,
    title: "",
    standing: "accepted",
    members,
    last: message(1),
    unread: 1,
    at: "2026-03-01T20:00:00Z",
    version: 0,
    ...change,
  };
}

export function report(id: string, change: Partial<Report> = {}): Report {
  return {
    id,
    reason: "harassment",
    words: "Kept going after Ama asked him to stop.",
    at: "2026-03-01T20:46:31Z",
    by: person("chidi"),
    scene: {
      title: "Kitchen table",
      live_s: 2_791,
      role: "speaker",
      stage: [person("ama"), person("ben")],
      lines: [{ text: "Nobody came here to listen to her.", at: "2026-03-01T20:46:20Z" }],
    },
    posts: [],
    ...change,
  };
}

/** A case about Ben, with one report. */
export function caseOf(id: string, change: Partial<Case> = {}): Case {
  return {
    id,
    state: "open",
    urgent: false,
    opened_at: "2026-03-01T20:46:31Z",
    last_at: "2026-03-01T20:46:31Z",
    count: 1,
    person: person("ben"),
    space: null,
    reports: [report("r1")],
    settled: null,
    ...change,
  };
}

export function record(id: string, change: Partial<PersonRecord> = {}): PersonRecord {
  return {
    person: person(id),
    since: "2026-02-20T20:00:00Z",
    role: "member",
    spaces_hosted: 3,
    removals: 1,
    cases: [],
    warnings: [],
    suspension: null,
    ...change,
  };
}

export function entry(number: number, change: Partial<Entry> = {}): Entry {
  return {
    number,
    at: "2026-03-01T20:47:00Z",
    act: "muted",
    by: person("ama"),
    person: person("ben"),
    space: { id: "kitchen", title: "Kitchen table" },
    data: {},
    ...change,
  };
}

export function post(id: string, change: Partial<Post> = {}): Post {
  return {
    id,
    author: person("ama"),
    text: `post ${id}`,
    at: "2026-03-01T20:00:00Z",
    edited_at: null,
    gone: false,
    mentions: [],
    pictures: [],
    voice: null,
    link_card: null,
    space: null,
    reply_to: null,
    quote: null,
    counts: { likes: 0, reposts: 0, replies: 0, quotes: 0 },
    mine: { likes: false, reposts: false },
    ...change,
  };
}

export function timelineItem(number: number, change: Partial<TimelineItem> = {}): TimelineItem {
  const { id, at } = { id: String(number), at: "2026-03-01T20:00:00Z" };
  return { id, post: post(`p${number}`), reposted_by: null, at, ...change };
}
