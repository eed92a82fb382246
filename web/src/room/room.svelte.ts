/**
 * One space as this page is in it: what one sees, the call, one's own voice, and what one can do there.
 *
 * A room outlives the screens, so that sound goes on while somebody browses. What events mean is decided in
 * live/, how a call is kept alive in media/; here they meet.
 */
import * as api from "../api/client";
import { inWords, type Refusal } from "../api/errors";
import type {
  Card,
  EventType,
  Floor,
  GoodbyeReason,
  LiveEvent,
  Person,
  Related,
  Seat,
  Snapshot,
  You,
} from "../api/types";
import { EventLog } from "../live/event-log";
import { parseEvent } from "../live/event-stream";
import { followShared } from "../live/shared-stream";
import { Connection, type ConnectionState } from "../media/connection";
import { showNothingPlaying, showPlaying } from "../media/media-session";
import { wakeMeters } from "../media/meter";
import { Playback, type PlaybackState } from "../media/playback";
import { windowMs } from "../media/spread";
import { keepScreenOn } from "../media/wake-lock";
import { toast } from "../ui/toasts.svelte";
import { Acquaintances } from "./acquaintances.svelte";
import { announce } from "./announcer.svelte";
import { Audience } from "./audience.svelte";
import { changesBetween } from "./changes";
import { Ears, volumeOf } from "./ears";
import { Light } from "./light.svelte";
import { Voice } from "./voice.svelte";
import { waitingWords } from "./waiting";

/** Where one stands: before the door, in the room, or why one cannot be there any more. */
export type Place =
  | "outside"
  | "inside"
  | "ended"
  | "removed"
  | "elsewhere"
  | "signed_out"
  | "suspended"
  | "deleted"
  | "shut"
  | "gone";

/** A phone in a pocket says that it is one's turn: twice, in milliseconds. */
const CALLED_UP_MS = [180, 90, 180];

const PLACE_OF_REFUSAL: Record<string, Place> = {
  removed: "removed",
  elsewhere: "elsewhere",
  not_invited: "shut",
  not_followed: "shut",
  follow_first: "shut",
  sign_in_to_listen: "shut",
  not_signed_in: "signed_out",
  space_not_found: "gone",
  space_not_live: "ended",
};

const PLACE_OF_GOODBYE: Partial<Record<GoodbyeReason, Place>> = {
  removed: "removed",
  narrowed: "shut",
  elsewhere: "elsewhere",
  ended: "ended",
  signed_out: "signed_out",
  suspended: "suspended",
  deleted: "deleted",
};

export class Room {
  readonly id: string;
  view: Snapshot = $state.raw() as Snapshot;
  place: Place = $state("outside");
  connection: ConnectionState = $state("closed");
  /** Why one is not let in yet. */
  waiting = $state("");
  sound: PlaybackState = $state("paused");
  readonly voice: Voice;
  readonly light: Light;
  readonly acquaintances = new Acquaintances();
  readonly audience: Audience;
  /** Whether one wants to be counted only; chosen before one comes in. */
  isAnonymous = $state(false);
  /** Whether one is in this space on another device, which falls silent when one comes in here. */
  isElsewhere = $state(false);

  /** Told of each event once it is seen, by whatever shows what passes (reactions). */
  onevent: ((type: EventType, before: Snapshot) => void) | null = null;

  /** What is being done right now, so that a second tap does nothing. */
  #doing: string[] = $state.raw([]);
  readonly #log = new EventLog();
  readonly #connection: Connection;
  readonly #playback = new Playback((state) => {
    this.sound = state;
  });
  readonly #ears: Ears;
  #wantsToBeHeard = false;
  /** Whether the server had one ready to be heard when it spoke of it last. */
  #wasReady = false;
  /** Takes the message away that says one is silent, which an open microphone makes untrue. */
  #untellSilence = () => {};
  /** Of whom it was said already that one has blocked them. */
  #warnedOf: string[] = [];
  #receiver: RTCRtpReceiver | null = null;
  #stopEvents: (() => void) | null = null;
  #letScreenSleep: (() => void) | null = null;

  constructor(card: Card) {
    this.id = card.id;
    this.view = viewOf(card);
    this.place = placeOf(card);
    this.audience = new Audience(card.id);
    this.#connection = new Connection(card.id, {
      state: (state) => this.#connectionBecame(state),
      refused: (refusal) => this.#refused(refusal),
      waits: (refusal) => {
        this.waiting = waitingWords(refusal);
      },
      windowMs: () => this.#windowMs,
      isAnonymous: () => this.isAnonymous,
      takesOver: () => this.isElsewhere,
      receiver: (receiver) => this.#hear(receiver),
      message: (text) => this.#messageCame(text),
    });
    this.#ears = new Ears({
      receiver: () => this.#receiver,
      personAt: (source) => this.view.stage.find((seat) => seat.source === source)?.person.id ?? null,
      isMuted: (person) => this.acquaintances.to(person)?.mutes ?? false,
      setGain: (gain) => this.#playback.setGain(gain),
    });
    this.voice = new Voice((track) => this.#connection.speak(track));
    this.light = new Light({
      receiver: () => this.#receiver,
      stage: () => this.view.stage,
      own: () => (this.seat && this.isOnAir ? { seat: this.seat, level: this.voice.level } : null),
    });
  }

  get you(): You {
    return this.view.you;
  }

  /** One's own seat, or null for a listener. */
  get seat(): Seat | null {
    const me = this.you.person?.id;
    return this.view.stage.find((seat) => seat.person.id === me) ?? null;
  }

  /** Who speaks, in words: through short pauses, but never somebody whom nobody can hear. */
  get speaking(): Seat[] {
    const { held } = this.light;
    const isHeard = (seat: Seat) => (seat === this.seat ? this.isOnAir : !seat.muted);
    return this.view.stage.filter((seat) => held.includes(seat.person.id) && isHeard(seat));
  }

  /** Who stands for the room where there is place for one: whoever speaks, else the host. */
  get face(): Person {
    return this.speaking[0]?.person ?? this.view.space.host;
  }

  /** Who listens, by name: who was asked about a moment ago may be on the stage by now. */
  get listeners(): Related[] {
    const seated = new Set(this.view.stage.map(({ person }) => person.id));
    return this.audience.people.filter(({ id }) => !seated.has(id));
  }

  /** Those on the stage whom one has blocked. */
  get blockedOnStage(): Person[] {
    const people = this.view.stage.map((seat) => seat.person);
    return people.filter((person) => this.acquaintances.to(person.id)?.blocks);
  }

  /** Whether one runs this space, as its host or a co-host. */
  get isRunByMe(): boolean {
    return this.you.role === "host" || this.you.role === "co_host";
  }

  /** Whether everybody hears what one says now. */
  get isOnAir(): boolean {
    return this.voice.isOpen && this.voice.state === "ready" && this.seat?.muted === false;
  }

  // Coming and going

  /** Follow the events without a call: before the door, or while the call is lost. */
  watch(): void {
    if (this.#stopEvents || !this.you.may_listen) return;
    this.#stopEvents = followShared(this.id, this.you.person?.id ?? "", {
      lastId: () => this.#log.lastId,
      snapshot: () => this.#log.snapshot,
      event: (event) => this.#eventCame(event),
      refused: (refusal) => this.#refused(refusal),
      windowMs: () => (this.connection === "reconnecting" ? this.#windowMs : 0),
    });
  }

  /** How far those who come back spread out. */
  get #windowMs(): number {
    return windowMs(this.view.counts.listeners, this.seat !== null || this.you.request !== null);
  }

  unwatch(): void {
    this.#stopEvents?.();
    this.#stopEvents = null;
  }

  /** Come in and listen, or try again. Has to run inside the tap: browsers allow sound only there. */
  join(): void {
    if (["calling", "connected", "waiting"].includes(this.connection)) return;
    wakeMeters();
    this.place = "inside";
    this.watch();
    this.#followMusic();
    this.#connection.open();
    this.light.follow();
    this.tuneEars();
    void this.#meetTheStage();
    showPlaying(this.view.space.title, this.view.space.host.display_name, {
      play: () => this.resumeSound(),
      pause: () => this.#playback.pause(),
      leave: () => this.leave(),
    });
    // Whoever comes back to a seat starts silent, whatever was open before the page was loaded anew.
    if (this.seat && !this.seat.muted && !this.voice.isOpen) void this.mute();
    this.#followMySeat();
  }

  /** Somebody signed in at this page: be here as them. What one hears goes on meanwhile. */
  callAgainAsMe(): void {
    if (this.place === "inside" && this.you.kind !== "account") this.#connection.open();
  }

  /** Go quietly. A seat is given back, but for the host's, which is kept for a while. */
  leave(): void {
    if (this.you.role === "host" && this.view.space.state === "live") this.#sayWhatHappensNext();
    else if (this.seat) api.moveBack(this.id, "me").catch(() => undefined);
    this.hangUp();
    if (this.place === "inside") this.place = "outside";
  }

  /** Whoever hosts may think that the space goes with them. */
  #sayWhatHappensNext(): void {
    toast({
      text: `“${this.view.space.title}” goes on. It waits some minutes for you; then a co-host has it, or it ends.`,
      icon: "crown",
      action: { label: "End it now", act: () => void this.act("end", () => api.endSpace(this.id)) },
    });
  }

  /** End call and sound; the seat stays. */
  hangUp(): void {
    this.#connection.close();
    this.#fallSilent();
  }

  #fallSilent(): void {
    this.unwatch();
    this.voice.putAway();
    this.#playback.stop();
    this.light.out();
    this.#ears.stop();
    this.audience.forget();
    this.#letScreenSleep?.();
    this.#letScreenSleep = null;
    showNothingPlaying();
  }

  /** Sound was refused without a tap, or was paused: this is the tap. */
  resumeSound(): void {
    wakeMeters();
    this.#playback.resume();
  }

  pauseSound(): void {
    this.#playback.pause();
  }

  networkChanged(): void {
    this.#connection.networkChanged();
  }

  /** Find out how one stands to those on the stage; says so when it is somebody one has blocked. */
  async #meetTheStage(): Promise<void> {
    if (this.you.kind !== "account") return;
    const before = this.blockedOnStage.map((person) => person.id);
    const me = this.you.person?.id;
    await this.acquaintances.meet(this.view.stage.map((seat) => seat.person.id).filter((id) => id !== me));
    this.tuneEars();
    const came = this.blockedOnStage.filter((person) => !before.includes(person.id));
    const known = new Set(this.#warnedOf);
    this.#warnedOf = this.blockedOnStage.map((person) => person.id);
    for (const person of came.filter(({ id }) => !known.has(id) && this.place === "inside"))
      toast({ text: `${person.display_name}, whom you have blocked, is on the stage.`, icon: "warning" });
  }

  /** Ask, before one comes in, whether somebody is there whom one has blocked. */
  lookWhoIsThere(): void {
    void this.#meetTheStage();
    if (this.you.kind !== "account") return;
    api.callsElsewhere(this.id).then(
      ({ elsewhere }) => {
        this.isElsewhere = elsewhere > 0;
      },
      () => undefined,
    );
  }

  /** Hear those softer of whom one wants to hear less; costs nothing while there is nobody such. */
  tuneEars(): void {
    const isSofter = ({ person: { id } }: Seat) => this.acquaintances.to(id)?.mutes || volumeOf(id) < 1;
    if (this.place === "inside" && this.view.stage.some(isSofter)) this.#ears.follow();
    else this.#ears.stop();
  }

  // One's own voice

  unmute(): Promise<void> {
    return this.#wish(true);
  }

  mute(): Promise<void> {
    // Silence first, then tell: what one says after this tap is for nobody.
    this.voice.shut();
    return this.#wish(false);
  }

  /** Bring the server to the newest wish, one request at a time: keys go down and up faster than answers come. */
  async #wish(toBeHeard: boolean): Promise<void> {
    this.#wantsToBeHeard = toBeHeard;
    await this.act("mute", async () => {
      for (let told: boolean | null = null; told !== this.#wantsToBeHeard; ) {
        told = this.#wantsToBeHeard;
        if (!told) await api.mute(this.id, "me");
        else if (await this.voice.prepare()) await api.unmuteMe(this.id);
        else return;
      }
      this.voice.isOpen = this.#wantsToBeHeard;
      if (this.voice.isOpen) this.#untellSilence();
      this.#followMySeat();
    });
  }

  /** Want to be heard from the first moment one is up: the microphone runs, and the server lets nothing through. */
  beReady(wanted: boolean): Promise<boolean> {
    return this.act("ready", async () => {
      if (!wanted) {
        this.voice.shut();
        this.#wasReady = false;
        await api.beReadyNoMore(this.id);
      } else if (await this.voice.hold())
        await api.beReady(this.id).catch((error: unknown) => {
          this.voice.shut();
          throw error;
        });
    });
  }

  /** What was said of one's seat is in sight elsewhere: take its message away, which may lie on top of it. */
  takeMessageAway(): void {
    this.#untellSilence();
  }

  /** Let nobody ask or come up, or let them again. */
  lock(locked: boolean): Promise<boolean> {
    return this.act("floor", () => api.changeFloor(this.id, { locked }));
  }

  /** Say yes to the seat one was brought up to. */
  goUp(): Promise<boolean> {
    const role = this.you.role === "co_host" ? "co_host" : "speaker";
    return this.act("seat", () => api.seat(this.id, "me", role));
  }

  // What one does

  /** Send `text` on the data channel of the call; false when there is none open. */
  say(text: string): boolean {
    return this.#connection.say(text);
  }

  /** Do `deed` unless it is being done already. True when it went well; else a toast says what did not. */
  async act(name: string, deed: () => Promise<unknown>): Promise<boolean> {
    if (this.isDoing(name)) return false;
    this.#doing = [...this.#doing, name];
    try {
      await deed();
      return true;
    } catch (error) {
      toast({ text: inWords(error), icon: "warning", tone: "danger" });
      return false;
    } finally {
      this.#doing = this.#doing.filter((other) => other !== name);
    }
  }

  isDoing(name: string): boolean {
    return this.#doing.includes(name);
  }

  // What happens

  #messageCame(text: string): void {
    const event = parseEvent(text);
    if (!event) return;
    // The call brings the events from here on; the stream would bring them a second time.
    this.unwatch();
    this.#eventCame(event);
  }

  #eventCame(event: LiveEvent): void {
    if (event.type === "goodbye") this.#finish(PLACE_OF_GOODBYE[event.data.reason]);
    else if (this.#log.receive(event) && this.#log.state) {
      const before = this.view;
      this.#see(this.#log.state);
      this.onevent?.(event.type, before);
    }
  }

  #see(view: Snapshot): void {
    const before = this.view;
    this.view = view;
    if (isOver(view.space)) this.#finish("ended");
    if (this.place !== "inside") return;
    if (before.space.music !== view.space.music) this.#followMusic();
    this.#sayWhatChanged(before);
    void this.#meetTheStage();
    this.#followMySeat();
  }

  #sayWhatChanged(before: Snapshot): void {
    const changes = changesBetween(before, this.view);
    // What was said of one's seat before is not true any more.
    if (changes.some(({ about }) => about === "me")) this.#untellSilence();
    for (const { text, about } of changes) {
      if (about === "me") this.#untellSilence = toast({ text, icon: "mic", tone: "host" });
      else announce(text);
    }
    const wasUp = before.stage.some((seat) => seat.person.id === this.you.person?.id);
    if (!wasUp && this.seat) navigator.vibrate?.(CALLED_UP_MS);
  }

  /** What one sends is as the space is to sound. */
  #followMusic(): void {
    const { music } = this.view.space;
    void this.#connection.sendMusic(music);
    this.voice.setMusic(music);
  }

  /** The microphone goes with the seat: asked for when one gets it, given back when one loses it. */
  #followMySeat(): void {
    if (!this.seat) {
      this.#followMyRequest();
      return;
    }
    this.#letScreenSleep ??= this.isRunByMe ? keepScreenOn() : null;
    if (this.voice.state === "off" || this.voice.isAlone) void this.#prepareVoice();
    const wasShut = this.voice.follow(this.seat);
    if (!wasShut) return;
    this.#untellSilence = toast({ text: "You were muted. Only you can unmute yourself.", icon: "mic-off" });
  }

  /** While one waits the microphone may be open for oneself, or ready; without a request it is given back. */
  #followMyRequest(): void {
    const { request } = this.you;
    const isReady = request?.ready ?? false;
    if (!request && this.voice.state !== "off") this.voice.putAway();
    // Taken back elsewhere, or with a lost call. An event from before one was ready says nothing.
    else if (this.#wasReady && !isReady && !this.isDoing("ready")) this.voice.shut();
    this.#wasReady = isReady;
  }

  /** Why there is no microphone is told in full where one would open it: that it is off says less. */
  async #prepareVoice(): Promise<void> {
    if (!(await this.voice.prepare())) this.#untellSilence();
  }

  #hear(receiver: RTCRtpReceiver): void {
    this.#receiver = receiver;
    this.#playback.play(receiver);
    this.light.listenTo(this.#playback.stream);
  }

  #connectionBecame(state: ConnectionState): void {
    if (state === "reconnecting") announce("The connection is lost. Reconnecting.");
    if (state === "connected" && this.connection === "reconnecting") announce("Connected again.");
    if (state === "connected" && this.connection === "waiting") announce("You are in.");
    this.connection = state;
    // Whoever lost the connection and comes back takes nothing from a device that was chosen since.
    if (state === "connected") this.isElsewhere = false;
    if (state === "reconnecting" || state === "blocked" || state === "lost") this.watch();
  }

  #refused(refusal: Refusal): void {
    const place = PLACE_OF_REFUSAL[refusal.code];
    if (!place) toast({ text: inWords(refusal), icon: "warning", tone: "danger" });
    this.#finish(place ?? (this.connection === "connected" ? undefined : "outside"));
  }

  #finish(place: Place | undefined): void {
    if (!place) return;
    // Whatever the reason, the server has ended the call, or never made one.
    this.#connection.drop();
    this.isElsewhere = place === "elsewhere";
    this.#fallSilent();
    this.place = place;
  }
}

/** How turns are given until it is known. */
const USUAL_FLOOR: Floor = {
  policy: "in_order",
  turn_seconds: null,
  locked: false,
  account_age_hours: 0,
  followers_only: false,
  slow_seconds: 0,
  line: [],
  next: null,
};

/** What a card shows, as the snapshot it will soon be. */
function viewOf(card: Card): Snapshot {
  const { stage, counts, you, description, reminders, ...door } = card;
  const nobody = { listeners: 0, requests: 0 };
  return {
    space: { ...door, description: description ?? "", reminders: reminders ?? 0 },
    stage: stage ?? [],
    floor: USUAL_FLOOR,
    counts: counts ?? nobody,
    reactions: {},
    stage_reactions: {},
    chat: { writers: "everyone", slow_seconds: 0, kept: false, lines: [], taken: [] },
    shared: [],
    you,
    queue: null,
    people: null,
    capacity: null,
    alarm: null,
  };
}

function isOver({ state }: Pick<Card, "state">): boolean {
  return state === "ended" || state === "cancelled";
}

function placeOf(card: Card): Place {
  if (card.you.removed) return "removed";
  if (isOver(card)) return "ended";
  return card.you.may_listen ? "outside" : "shut";
}
