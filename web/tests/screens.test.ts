/** Each screen as people find it: by the roles and names that are part of the contract. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  card,
  chat,
  event,
  floor,
  line,
  person,
  profile,
  request,
  seat,
  shared,
  snapshot,
  space,
  waiting,
  you,
} from "../src/api/samples";
import type { Me, Snapshot } from "../src/api/types";
import { newestPeer } from "../src/media/fake-peer";
import { type Answers, App, answered, refusal } from "./page";

const BEN: Me = {
  kind: "account",
  id: "ben",
  name: "ben",
  display_name: "Ben",
  role: "member",
  listed: true,
  protected: false,
};
const KITCHEN = "/spaces/kitchen";
const HOST = { you: you({ role: "host", person: person("ben") }), queue: [], people: [] };

const guest: Answers = { "GET /me": () => refusal(401, "not_signed_in") };
const signedIn: Answers = { "GET /me": BEN };
const live: Answers = { "GET /spaces": { items: [card()], next_cursor: null } };
const kitchen: Answers = { [`GET ${KITCHEN}`]: card(), [`POST ${KITCHEN}/call`]: answered };

let app: App;

beforeEach(() => {
  app = new App();
});

afterEach(async () => {
  await app.close();
});

/** Open the space, tap, and see `view` over the call. */
async function goInside(view: Snapshot, more: Answers = {}, width?: number): Promise<void> {
  const { stage, counts, you } = view;
  const door = { [`GET ${KITCHEN}`]: card({ stage, counts, you }) };
  await app.open(KITCHEN, { ...signedIn, ...kitchen, ...door, ...more }, width);
  const isSeated = stage.some((seat) => seat.person.id === you.person?.id);
  await app.press(isSeated ? "Come back to the table" : "Start listening");
  newestPeer().ice("connected");
  newestPeer().message(JSON.stringify(event(1, "snapshot", view)));
  await app.settle();
  // The tools of hosts are loaded only for hosts, and come a moment later.
  if (view.queue) await vi.waitFor(() => app.find("button", "End space"), { timeout: 5_000 });
}

describe("home", () => {
  it("shows who is live, with the way in", async () => {
    await app.open("/", { ...signedIn, ...live });

    expect(app.find("heading", "Tonight")).toBeTruthy();
    expect(app.find("link", "Kitchen table").getAttribute("href")).toBe(KITCHEN);
    expect(app.find("link", "Ama: Kitchen table, 1 listening").getAttribute("href")).toBe(KITCHEN);
    expect(app.text).toContain("1 listening");
  });

  it("offers to open a space when nobody is live", async () => {
    await app.open("/", { ...guest, "GET /spaces": { items: [], next_cursor: null } });

    expect(app.find("heading", "No one is live yet")).toBeTruthy();
    expect(app.find("link", "Open a space")).toBeTruthy();
  });

  it("says that the server does not answer, and tries again", async () => {
    let tries = 0;
    const failing = () =>
      ++tries === 1 ? Promise.reject(new TypeError()) : Response.json({ items: [card()] });
    await app.open("/", { ...signedIn, "GET /spaces": failing });
    expect(app.text).toContain("The server does not answer.");
    await app.press("Try again");

    expect(app.find("link", "Kitchen table")).toBeTruthy();
  });

  it("never shows the table of a space one may not hear", async () => {
    const shut = card({
      stage: null,
      counts: null,
      listen_policy: "invited",
      you: you({ may_listen: false }),
    });
    await app.open("/", { ...guest, "GET /spaces": { items: [shut], next_cursor: null } });

    expect(app.text).toContain("Only for invited people");
  });

  it("sends a guest who wants to open a space to sign in first", async () => {
    await app.open("/", { ...guest, ...live });
    await app.press("Open a space");

    expect(location.pathname + location.search).toBe("/sign-in?next=%2F%3Fnew");
  });
});

describe("sign-in", () => {
  it("signs in and leads on to where one was going", async () => {
    await app.open("/sign-in?next=%2Fspaces%2Fkitchen", { ...guest, ...kitchen, "POST /sessions": BEN });
    await app.type("Name", "ben");
    await app.type("Password", "a long table for all");
    await app.press("Sign in");

    expect(location.pathname).toBe(KITCHEN);
  });

  it("says why it did not work, in the server's words", async () => {
    const wrong = () => refusal(401, "wrong_credentials", "This name and password do not belong together.");
    await app.open("/sign-in", { ...guest, "POST /sessions": wrong });
    await app.type("Name", "ben");
    await app.type("Password", "wrong");
    await app.press("Sign in");

    expect(app.find("alert", /do not belong together/)).toBeTruthy();
  });

  it("lets in whoever has only a recovery code left, and leads to another way in", async () => {
    let sent = "";
    const come = ({ body }: RequestInit) => {
      sent = String(body);
      return Response.json(BEN);
    };
    await app.open("/sign-in?next=%2Fspaces%2Fkitchen", { ...guest, "POST /sessions/recovery": come });
    await app.press("Forgotten?");
    expect(app.names("textbox")).toEqual(["Name", "Recovery code"]);
    await app.type("Name", "ben");
    await app.type("Recovery code", "aaaa-bbbb-cccc-dddd");
    await app.press("Sign in");

    expect(JSON.parse(sent)).toEqual({ name: "ben", code: "aaaa-bbbb-cccc-dddd" });
    expect(location.pathname).toBe("/settings");
  });

  it("asks for an invitation where it takes one", async () => {
    let sent = "";
    const codes = ({ body }: RequestInit) => {
      sent = String(body);
      if (sent.includes("CODE")) return Response.json(BEN);
      return refusal(403, "invitation_needed", "Ask whoever runs this server for a code.");
    };
    await app.open("/sign-in", { ...guest, ...live, "POST /accounts": codes });
    await app.press("I am new here");
    await app.type("Name", "ben");
    await app.type("Password", "a long table for all");
    await app.press("Sign up");
    expect(app.find("alert", /for a code/)).toBeTruthy();
    await app.type("Invitation code", "CODE");
    await app.press("Sign up");

    expect(JSON.parse(sent).invitation).toBe("CODE");
  });

  it("checks a new name and password before it asks the server", async () => {
    await app.open("/sign-in", guest);
    await app.press("I am new here");
    await app.type("Name", "Ben!");
    await app.type("Password", "short");
    await app.press("Sign up");

    expect(app.asked).not.toContain("POST /accounts");
    expect(app.text).toContain("2 to 30 small letters");
    expect(app.text).toContain("At least 10 characters");
  });
});

describe("passkeys", () => {
  const get = vi.fn();
  const options = { "POST /sessions/passkey/options": { challenge: "abc" } };

  beforeEach(() => {
    const asItIs = (options: object) => options;
    vi.stubGlobal("PublicKeyCredential", {
      parseRequestOptionsFromJSON: asItIs,
      parseCreationOptionsFromJSON: asItIs,
      isConditionalMediationAvailable: () => Promise.resolve(false),
    });
    Object.defineProperty(navigator, "credentials", { value: { get, create: get }, configurable: true });
    get.mockReset().mockResolvedValue({ toJSON: () => ({ id: "key" }) });
  });

  it("sign in without a name or a password", async () => {
    let sent = "";
    const come = ({ body }: RequestInit) => {
      sent = String(body);
      return Response.json(BEN);
    };
    await app.open("/sign-in?next=%2Fspaces%2Fkitchen", {
      ...guest,
      ...kitchen,
      ...options,
      "POST /sessions/passkey": come,
    });
    await app.press("Continue with a passkey");

    expect(get).toHaveBeenCalledWith({ publicKey: { challenge: "abc" } });
    expect(JSON.parse(sent)).toEqual({ passkey: { id: "key" } });
    expect(location.pathname).toBe(KITCHEN);
  });

  it("make an account that has no password", async () => {
    let sent = "";
    const come = ({ body }: RequestInit) => {
      sent = String(body);
      return Response.json(BEN);
    };
    await app.open("/sign-in", {
      ...guest,
      ...live,
      "POST /accounts/passkey/options": { challenge: "abc" },
      "POST /accounts": come,
    });
    await app.press("I am new here");
    await app.press("Continue with a passkey");
    expect(app.text).toContain("2 to 30 small letters");
    await app.type("Name", "ben");
    await app.press("Continue with a passkey");

    expect(JSON.parse(sent)).toEqual({ name: "ben", display_name: "ben", passkey: { id: "key" } });
  });

  it("that nobody shows are said so, and the other way is there", async () => {
    get.mockRejectedValue(new DOMException("no", "NotAllowedError"));
    await app.open("/sign-in", { ...guest, ...options });
    await app.press("Continue with a passkey");

    expect(app.find("alert", "No passkey was shown.")).toBeTruthy();
    expect(app.find("button", "Sign in")).toBeTruthy();
    expect(await app.barriers()).toEqual([]);
  });
});

describe("a new space", () => {
  /** The button of the sheet; others of the same name open it. */
  const openIt = () => {
    const [button] = app
      .all("button")
      .filter((button) => button.textContent?.includes("Open a space"))
      .slice(-1);
    if (!button) throw new Error("There is no button that opens a space.");
    return button;
  };

  it("is made, opened and entered by one tap, and by two taps once", async () => {
    const mine = card({ stage: [seat("ben", { role: "host" })], you: you({ role: "host" }) });
    const made = { "POST /spaces": mine, [`POST ${KITCHEN}/start`]: mine, [`GET ${KITCHEN}`]: mine };
    await app.open("/?new", { ...signedIn, ...live, ...kitchen, ...made });
    await app.type("Title", "Kitchen table");
    openIt().click();
    openIt().click();
    await app.settle();

    expect(app.asked.filter((asked) => asked === "POST /spaces")).toHaveLength(1);
    expect(location.pathname).toBe(KITCHEN);
    expect(app.find("region", "Stage")).toBeTruthy();
    expect(app.getUserMedia).toHaveBeenCalledOnce();
  });

  it("is asked for under one key until its answer comes, and under another once it is another", async () => {
    const keys: (string | null)[] = [];
    const lost = ({ headers }: RequestInit) => {
      keys.push(new Headers(headers).get("idempotency-key"));
      return Promise.reject(new TypeError("Failed to fetch"));
    };
    await app.open("/?new", { ...signedIn, ...live, "POST /spaces": lost });
    for (const title of ["Kitchen table", "Kitchen table", "Garden table"]) {
      await app.type("Title", title);
      openIt().click();
      await app.settle();
    }

    expect(keys[0]).toMatch(/./);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it("asks for a title first", async () => {
    await app.open("/?new", { ...signedIn, ...live });
    openIt().click();
    await app.settle();

    expect(app.asked).not.toContain("POST /spaces");
    expect(app.text).toContain("Give it a title");
  });
});

describe("before the door", () => {
  it("shows title, host and stage, and tells the truth about recording", async () => {
    await app.open(KITCHEN, { ...guest, ...kitchen });

    expect(app.find("heading", "Kitchen table")).toBeTruthy();
    expect(app.find("region", "Stage").textContent).toContain("Ama");
    expect(app.text).toContain("This space is not recorded.");
    expect(app.find("button", "Start listening")).toBeTruthy();
    expect(app.getUserMedia).not.toHaveBeenCalled();
    expect(document.querySelector("audio")).toBeNull();
  });

  it("calls whoever has a seat back to the table, and not to listen", async () => {
    const mine = card({ stage: [seat("ama", { role: "host" }), seat("ben")], you: you({ role: "speaker" }) });
    await app.open(KITCHEN, { ...signedIn, ...kitchen, [`GET ${KITCHEN}`]: mine });

    expect(app.names("button")).toEqual(["Come back to the table"]);
    expect(app.text).toContain("Nobody hears you until you unmute.");
    expect(app.text).toContain("Your seat is kept. Your microphone starts off.");
  });

  it.each([
    ["that it has ended", card({ state: "ended" }), "This space has ended", "It was not recorded."],
    [
      "that one was removed, and what others can still hear",
      card({ you: you({ removed: true, may_listen: false }) }),
      "You were removed",
      "whoever is not signed in can still hear it",
    ],
    [
      "that it is only for invited people",
      card({ listen_policy: "invited", stage: null, counts: null, you: you({ may_listen: false }) }),
      "Only for invited people",
      "whom Ama invited",
    ],
    ["that it is not open yet", card({ state: "draft" }), "Kitchen table", "has not opened this space yet"],
  ])("says %s", async (_, shown, heading, words) => {
    await app.open(KITCHEN, { ...signedIn, [`GET ${KITCHEN}`]: shown });

    expect(app.find("heading", heading)).toBeTruthy();
    expect(app.text).toContain(words);
    expect(app.names("button")).not.toContain("Start listening");
  });

  it("says that there is no such space", async () => {
    await app.open(KITCHEN, { ...signedIn, [`GET ${KITCHEN}`]: 404 });

    expect(app.find("heading", "No such space")).toBeTruthy();
  });
});

describe("in the room", () => {
  it("a listener finds the table, the listeners, and how to ask", async () => {
    await goInside(snapshot());

    expect(app.names("region")).toEqual(expect.arrayContaining(["Stage", "Listeners"]));
    expect(app.names("region")).not.toContain("Queue");
    expect(app.names("button")).toEqual(expect.arrayContaining(["Leave", "Ask to speak"]));
    expect(app.names("button")).not.toContain("Mute all");
  });

  it("whoever was signed out elsewhere is shown the way back in", async () => {
    let isIn = true;
    const me = () => (isIn ? Response.json(BEN) : refusal(401, "not_signed_in"));
    await goInside(snapshot(), { "GET /me": me });
    isIn = false;
    newestPeer().message(JSON.stringify(event(2, "goodbye", { reason: "signed_out", reconnect: false })));
    await app.settle();

    expect(app.find("heading", "You are signed out")).toBeTruthy();
    expect(app.find("link", "Sign in").getAttribute("href")).toContain("/sign-in");
    expect(app.names("button")).not.toContain("Try again");
  });

  it("on a desktop a listener sees everybody on the stage by name", async () => {
    const stage = [seat("ama", { role: "host" }), seat("chidi")];
    await goInside(snapshot({ stage }));

    const company = app.find("region", "Who is here");
    expect(company.textContent).toMatch(/Ama\s+host.*Chidi\s+speaker/);
    expect(company.textContent).toContain("not recorded");
  });

  it("asking sends the note once, however often one taps", async () => {
    await goInside(snapshot(), { [`POST ${KITCHEN}/requests`]: request("ben", 1) });
    await app.press("Ask to speak");
    await app.type("A note for the hosts (optional)", "A sound from 1987");
    const ask = app
      .all("button")
      .filter((button) => button.textContent?.includes("Ask to speak"))
      .at(-1);
    ask?.click();
    ask?.click();
    await app.settle();

    expect(app.asked.filter((asked) => asked === `POST ${KITCHEN}/requests`)).toHaveLength(1);
  });

  it("whoever waits sees the place in line", async () => {
    await goInside(snapshot({ you: you({ may_ask: false, request: request("ben", 3) }) }));

    expect(app.find("button", "Number 3 in line")).toBeTruthy();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "r", bubbles: true }));
    await app.settle();
    expect(app.find("dialog", "You’re third in line"), "a key leads there too").toBeTruthy();
  });

  it("whoever waits sees how turns are given, who else is in line, and changes the note", async () => {
    const line = [person("chidi"), null, person("ben")];
    const view = snapshot({
      floor: floor({ policy: "first_timers", turn_seconds: 180, line, next: 1 }),
      you: you({ request: request("ben", 3, "A sound") }),
    });
    await goInside(view, { [`POST ${KITCHEN}/requests`]: request("ben", 3) });
    await app.press("Number 3 in line");

    expect(app.find("dialog", "You’re third in line").textContent).toContain("Turns are 3 minutes.");
    await vi.waitFor(() => expect(app.find("list", "The line").textContent).toMatch(/Next.*2.*You/s));
    expect(app.names("button")).toContain("Keep listening");
    await app.type("A note for the hosts (optional)", "Another sound");
    await app.press("Change the note");
    expect(app.asked).toContain(`POST ${KITCHEN}/requests`);
  });

  it("whoever is brought up has fifteen seconds to say yes", async () => {
    const confirm_by = new Date(Date.now() + 15_000).toISOString();
    const stage = [seat("ama", { role: "host" }), seat("ben", { confirm_by })];
    await goInside(snapshot({ stage, you: you({ role: "speaker" }) }), {
      [`PUT ${KITCHEN}/stage/me`]: seat("ben"),
    });

    expect(app.names("button")).toEqual(expect.arrayContaining(["Go on stage", "Not now", "Unmute"]));
    await app.press("Go on stage");
    expect(app.asked).toContain(`PUT ${KITCHEN}/stage/me`);
  });

  it("the call to the stage is a card, and no message lies on top of it", async () => {
    await goInside(snapshot({ you: you({ request: request("ben", 1) }) }));
    const confirm_by = new Date(Date.now() + 15_000).toISOString();
    newestPeer().message(JSON.stringify(event(2, "seat_changed", { seat: seat("ben", { confirm_by }) })));
    await app.settle();

    expect(app.find("group", "Your turn").textContent).toContain("It’s your turn.");
    expect(app.text).not.toContain("Say yes within");
  });

  it("whoever is at the head of a fast lane is asked to check the microphone", async () => {
    const view = { floor: floor({ policy: "fast_lane" }), you: you({ request: request("ben", 2) }) };
    await goInside(snapshot(view));

    expect(app.find("group", "Your turn comes soon")).toBeTruthy();
    await app.press("Check my microphone");
    expect(app.find("dialog", "You’re second in line")).toBeTruthy();
  });

  it("everybody sees how much is left of a turn", async () => {
    const turn_ends_at = new Date(Date.now() + 47_500).toISOString();
    await goInside(
      snapshot({ floor: floor({ turn_seconds: 120 }), stage: [seat("chidi", { turn_ends_at })] }),
    );

    await vi.waitFor(() => expect(app.all("timer")[0]?.textContent).toMatch(/0:4\d left of 2:00/));
  });

  it("a host runs a fast lane with one button", async () => {
    const queue = [waiting("chidi", 1), waiting("efua", 2, "", { ready: true })];
    const lane = floor({ policy: "fast_lane", line: queue.map((each) => each.person), next: 2 });
    const stage = [seat("ben", { role: "host" })];
    await goInside(
      snapshot({ ...HOST, floor: lane, stage, queue }),
      { [`POST ${KITCHEN}/queue/next`]: seat("efua") },
      390,
    );

    expect(app.find("region", "Fast lane").textContent).toMatch(/Next\s+Efua.*Mic ready/s);
    await app.press("Next!");
    expect(app.asked).toContain(`POST ${KITCHEN}/queue/next`);
  });

  it("a host moves people in line by keys", async () => {
    const queue = [waiting("chidi", 1), waiting("efua", 2)];
    const place = `PUT ${KITCHEN}/requests/efua/place`;
    await goInside(snapshot({ ...HOST, stage: [seat("ben", { role: "host" })], queue }));
    const grip = app.find("button", "Move Efua, place 2 of 2");
    grip.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true }));
    await app.settle();

    expect(app.asked).toContain(place);
  });

  it("a host clears a raid after a second thought, and can undo it", async () => {
    await goInside(snapshot({ ...HOST, stage: [seat("ben", { role: "host" })], queue: [] }), {
      [`POST ${KITCHEN}/clearings`]: { id: "c7", removed: 312 },
    });
    await app.press("In order");
    await app.press("Clear a raid");
    expect(app.asked).not.toContain(`POST ${KITCHEN}/clearings`);
    await app.press("Remove them all");
    expect(app.text).toContain("312 people were removed.");

    await app.press("Let them back");
    expect(app.asked).toContain(`DELETE ${KITCHEN}/clearings/c7`);
  });

  it("a host is told of a raid, locks the stage and clears it right there", async () => {
    const since = new Date(Date.now() - 40_000).toISOString();
    const until = new Date(Date.now() + 60_000).toISOString();
    const alarm = { since, until, newcomers: 500, requests: 100 };
    await goInside(snapshot({ ...HOST, stage: [seat("ben", { role: "host" })], queue: [], alarm }), {
      [`POST ${KITCHEN}/clearings`]: { id: "c7", removed: 500 },
      [`PUT ${KITCHEN}/queue`]: floor({ locked: true }),
    });
    expect(app.text).toContain("500 people came and 100 asked to speak within seconds.");
    await app.press("Lock the stage");
    expect(app.asked).toContain(`PUT ${KITCHEN}/queue`);
    await app.press("Clear");
    await app.press("Clear a raid");
    await app.press("Remove them all");
    expect(app.text).toContain("500 people were removed.");
  });

  it("an alarm that is put away, or over, is not shown", async () => {
    const since = new Date(Date.now() - 400_000).toISOString();
    const alarm = { since, until: new Date(Date.now() + 60_000).toISOString(), newcomers: 500, requests: 0 };
    await goInside(snapshot({ ...HOST, stage: [seat("ben", { role: "host" })], queue: [], alarm }));
    app.find("button", "All is well").focus();
    await app.press("All is well");
    expect(app.text).not.toContain("500 people came");
    expect(document.activeElement, "the button that had the focus is gone").toBe(
      document.querySelector("main"),
    );
    await app.close();
    await goInside(snapshot({ ...HOST, stage: [seat("ben", { role: "host" })], queue: [], alarm }));
    await app.settle();
    expect(app.text, "nor after the page was loaded anew").not.toContain("500 people came");
    const again = { ...alarm, since: new Date().toISOString() };
    newestPeer().message(JSON.stringify(event(2, "alarm_changed", { alarm: again })));
    await app.settle();
    expect(app.text).toContain("500 people came");
    newestPeer().message(JSON.stringify(event(3, "alarm_changed", { alarm: { ...again, until: since } })));
    await app.settle();
    expect(app.text).not.toContain("500 people came");
  });

  it("whoever is invited can go up", async () => {
    await goInside(snapshot({ you: you({ invitation: { role: "speaker" } }) }));
    await app.press("Go up");

    expect(app.asked).toContain(`PUT ${KITCHEN}/stage/me`);
  });

  it("a guest is told how to get a voice", async () => {
    const asGuest = you({ kind: "guest", person: null, may_ask: false });
    await goInside(snapshot({ you: asGuest }), guest);

    expect(app.find("link", "Sign in to speak")).toBeTruthy();
  });

  it("a guest who signs in goes on listening, under the new name and with a voice", async () => {
    const asGuest = you({ kind: "guest", person: null, may_ask: false });
    await goInside(snapshot({ you: asGuest }), { ...guest, "POST /sessions": BEN });
    await app.press("Sign in to speak", "link");
    await app.type("Name", "ben");
    await app.type("Password", "a long table for all");
    await app.press("Sign in");
    expect(location.pathname).toBe(KITCHEN);
    expect(app.text).not.toContain("Connecting");
    newestPeer().ice("connected");
    newestPeer().message(JSON.stringify(event(2, "snapshot", snapshot())));
    await app.settle();

    expect(app.find("button", "Ask to speak")).toBeTruthy();
    expect(app.asked).toContain("DELETE /calls/c1");
    expect(app.asked.filter((asked) => asked === `POST ${KITCHEN}/call`)).toHaveLength(2);
  });

  it("a speaker finds the microphone, off, and the way down", async () => {
    await goInside(
      snapshot({ stage: [seat("ama", { role: "host" }), seat("ben")], you: you({ role: "speaker" }) }),
    );

    expect(app.names("button")).toEqual(expect.arrayContaining(["Unmute", "Step down", "Leave"]));
    expect(app.getUserMedia).toHaveBeenCalledOnce();
  });

  it("a host finds the queue and what to answer", async () => {
    const queue = [waiting("chidi", 1, "A question about salt"), waiting("efua", 2)];
    const stage = [seat("ben", { role: "host" }), seat("ama")];
    await goInside(snapshot({ ...HOST, stage, queue }));

    expect(app.find("region", "Queue").textContent).toContain("A question about salt");
    expect(app.names("button")).toEqual(
      expect.arrayContaining(["Bring up", "Later", "Decline", "Mute all", "End space", "Invite"]),
    );
    await app.press("Bring up");
    expect(app.asked).toContain(`POST ${KITCHEN}/requests/chidi/accept`);
  });

  it("a host on a phone finds the queue in a drawer", async () => {
    const queue = [waiting("chidi", 1, "A question about salt")];
    await goInside(snapshot({ ...HOST, stage: [seat("ben", { role: "host" })], queue }), {}, 390);
    expect(app.names("region")).not.toContain("Queue");
    await app.press(/Queue/);

    expect(app.find("region", "Queue").textContent).toContain("A question about salt");
  });

  it("a host taps a seat to mute, and is asked before removing", async () => {
    const stage = [seat("ben", { role: "host" }), seat("ama", { muted: false })];
    await goInside(snapshot({ ...HOST, stage }));
    await app.press(/^Ama,?/);
    expect(app.names("button")).toEqual(
      expect.arrayContaining(["Mute", "Move back", "Make co-host", "Remove"]),
    );
    await app.press("Remove");
    expect(app.asked).not.toContain(`PUT ${KITCHEN}/removals/ama`);
    await app.press("Remove");

    expect(app.asked).toContain(`PUT ${KITCHEN}/removals/ama`);
  });

  it("a co-host cannot act upon the host", async () => {
    const stage = [seat("ama", { role: "host" }), seat("ben", { role: "co_host" })];
    await goInside(snapshot({ ...HOST, stage, you: you({ role: "co_host" }) }));
    await app.press(/^Ama/);

    expect(app.text).toContain("The host runs this space.");
    expect(app.names("button")).not.toContain("Remove");
  });

  it("ending asks first, and then ends", async () => {
    await goInside(snapshot({ ...HOST, stage: [seat("ben", { role: "host" })] }));
    await app.press("End space");
    expect(app.asked).not.toContain(`POST ${KITCHEN}/end`);
    app
      .all("button")
      .filter((button) => button.textContent?.includes("End space"))
      .at(-1)
      ?.click();
    await app.settle();

    expect(app.asked).toContain(`POST ${KITCHEN}/end`);
  });

  it("says that the microphone is blocked, and what to do", async () => {
    app.getUserMedia.mockRejectedValue(new DOMException("", "NotAllowedError"));
    await goInside(snapshot({ stage: [seat("ben")], you: you({ role: "speaker" }) }));

    expect(app.find("alert", /Your microphone is blocked/)).toBeTruthy();
    expect(app.find("button", "Try again")).toBeTruthy();
  });

  it("sees the end, whatever one was doing", async () => {
    await goInside(snapshot());
    newestPeer().message(JSON.stringify(event(2, "space_changed", { space: space({ state: "ended" }) })));
    await app.settle();

    expect(app.find("heading", "This space has ended")).toBeTruthy();
    expect(document.activeElement).toBe(document.querySelector("main"));
  });

  it("plays on while one browses home and back, on one call", async () => {
    await goInside(snapshot(), live, 800);
    await app.press(/keep listening/, "link");
    expect(app.find("heading", "Tonight")).toBeTruthy();
    expect(app.find("region", "The space you are in")).toBeTruthy();
    const asked = app.asked.length;
    await app.press("Back to Kitchen table", "link");
    expect(app.asked.slice(asked)).not.toContain(`GET ${KITCHEN}`);

    expect(app.find("region", "Stage")).toBeTruthy();
    expect(app.asked.filter((asked) => asked === `POST ${KITCHEN}/call`)).toHaveLength(1);
    expect(app.asked).not.toContain("DELETE /calls/c1");
  });

  it("that ends meanwhile says why its dock has gone", async () => {
    await goInside(snapshot(), live, 800);
    await app.press(/keep listening/, "link");
    newestPeer().message(JSON.stringify(event(2, "goodbye", { reason: "removed", reconnect: false })));
    await app.settle();

    expect(app.names("region")).not.toContain("The space you are in");
    expect(app.text).toContain("“Kitchen table”: You were removed.");
  });

  it("is left by one tap, from the dock too", async () => {
    await goInside(snapshot(), live, 800);
    await app.press(/keep listening/, "link");
    await app.press("Leave");

    expect(app.asked).toContain("DELETE /calls/c1");
    expect(app.names("region")).not.toContain("The space you are in");
  });
});

describe("people one meets", () => {
  const stranger = {
    follows: false,
    followed_by: true,
    blocks: false,
    mutes: false,
    asked: false,
    bell: false,
  };
  const AMA = { id: "ama", name: "ama", display_name: "Ama", relation: stranger, followers: 3, follows: 1 };
  const related = (relation: object) => ({ "GET /people": { items: [{ ...AMA, relation }] } });
  const atTheTable = () => snapshot({ stage: [seat("ama", { role: "host" })] });

  it("a tap on a face shows who it is, and what one can do about them", async () => {
    await goInside(atTheTable(), { ...related(stranger), "GET /people/ama": AMA });
    await app.press(/^Ama/);
    // The sheet is loaded for whoever taps, and comes a moment later.
    await vi.waitFor(() => expect(app.text).toContain("3 followers"), { timeout: 5_000 });

    expect(app.text).toContain("Follows you");
    await app.press("Follow");
    expect(app.asked).toContain("PUT /people/ama/follow");
    await app.press("Silence for me");
    expect(app.asked).toContain("PUT /people/ama/mute");
  });

  it("somebody who is protected is asked, and asked no more", async () => {
    const asked = { ...AMA, relation: { ...stranger, asked: true } };
    await goInside(atTheTable(), { ...related(stranger), "GET /people/ama": asked });
    await app.press(/^Ama/);
    await vi.waitFor(() => app.find("button", "Follow"), { timeout: 5_000 });
    await app.press("Follow");
    expect(app.text).toContain("Ama is asked whether you may follow.");
    await app.press("Ask no more");

    expect(app.asked).toContain("DELETE /people/ama/follow");
  });

  it("a guest can silence somebody for oneself, on this device", async () => {
    const asGuest = { you: you({ kind: "guest", person: null }), stage: [seat("ama", { role: "host" })] };
    await goInside(snapshot(asGuest), { ...guest, "GET /people/ama": { ...AMA, relation: null } });
    await app.press(/^Ama/);
    await app.press("Silence for me");
    expect(app.asked).not.toContain("PUT /people/ama/mute");
    expect(JSON.parse(localStorage.getItem("convivium.volumes") ?? "{}")).toEqual({ ama: 0 });
    await app.press("Hear again");

    expect(JSON.parse(localStorage.getItem("convivium.volumes") ?? "{}")).toEqual({});
  });

  it("one is asked before a block", async () => {
    await goInside(atTheTable(), { ...related(stranger), "GET /people/ama": AMA });
    await app.press(/^Ama/);
    await vi.waitFor(() => app.find("button", "Block"), { timeout: 5_000 });
    await app.press("Block");
    expect(app.asked).not.toContain("PUT /people/ama/block");
    await app.press("Block");

    expect(app.asked).toContain("PUT /people/ama/block");
  });

  it("whoever blocked somebody on the stage is warned before the door", async () => {
    const blocked = { ...stranger, blocks: true };
    const there = card({ stage: [seat("ama", { role: "host" })] });
    await app.open(KITCHEN, { ...signedIn, ...related(blocked), [`GET ${KITCHEN}`]: there });

    expect(app.find("status", /whom you have blocked, is on the stage/).textContent).toContain("Ama");
  });

  it("and is told inside when one comes up", async () => {
    await goInside(snapshot({ stage: [] }), related({ ...stranger, blocks: true }));
    newestPeer().message(JSON.stringify(event(2, "seat_changed", { seat: seat("ama") })));
    await app.settle();

    expect(app.text).toContain("Ama, whom you have blocked, is on the stage.");
  });

  it("sees who listens, whom one follows first, and everybody by one tap", async () => {
    const efua = {
      ...AMA,
      id: "efua",
      name: "efua",
      display_name: "Efua",
      relation: { ...stranger, follows: true },
    };
    const list = { [`GET ${KITCHEN}/listeners`]: { items: [efua], next_cursor: null } };
    await goInside(snapshot({ counts: { listeners: 3, requests: 0 } }), list);
    await vi.waitFor(() => app.find("button", "Efua"), { timeout: 5_000 });
    await app.press("2 more");
    await vi.waitFor(() => expect(app.text).toContain("and 2 without a name"), { timeout: 5_000 });

    expect(app.text).toContain("you follow");
    const seats = { seat: seat("efua", { person: person("efua") }) };
    newestPeer().message(JSON.stringify(event(2, "seat_changed", seats)));
    await app.settle();
    expect(app.names("button"), "who is on the stage is no listener").not.toContain("Efua");
  });

  it("sees at the door whom one follows inside, and nobody else", async () => {
    const inside = [
      { ...person("efua"), relation: { ...stranger, follows: true } },
      { ...person("ola"), relation: stranger },
    ];
    const list = { [`GET ${KITCHEN}/listeners`]: { items: inside, next_cursor: null } };
    await app.open(KITCHEN, { ...signedIn, ...kitchen, ...list });

    await vi.waitFor(() => expect(app.text).toContain("Efua, whom you follow, is listening"));
    expect(app.text).not.toContain("Ola");
  });

  it("everybody sees who is in line, and in which order", async () => {
    const line = [person("noor"), null];
    const view = { you: you({ kind: "guest", person: null }), floor: floor({ line, next: 1 }) };
    await goInside(snapshot(view), guest);
    await app.press("2 in line");
    await vi.waitFor(() => app.find("list", "The line"), { timeout: 5_000 });

    expect(app.text).toContain("2 people are in line to speak");
    expect(app.find("list", "The line").textContent).toMatch(/1\. Noor, \s*Next\s*2\.\s*2/);
  });

  it("a guest is asked for no names", async () => {
    await goInside(snapshot({ you: you({ kind: "guest", person: null }) }), guest);
    await app.settle();

    expect(app.asked).not.toContain(`GET ${KITCHEN}/listeners`);
  });

  it("one may come in without a name, where the host allows it", async () => {
    let address = "";
    const call = `POST ${KITCHEN}/call`;
    await app.open(KITCHEN, { ...signedIn, ...kitchen, [call]: () => answered() });
    vi.stubGlobal(
      "fetch",
      ((inner) => (url: string, init: RequestInit) => {
        if (init.method === "POST") address = url;
        return inner(url, init);
      })(fetch as (url: string, init: RequestInit) => Promise<Response>),
    );
    (document.querySelector("input[role=switch]") as HTMLInputElement).click();
    await app.press("Start listening");

    expect(address).toContain("/call?anonymous=true");
    const named = card({ anonymous_listening: false });
    await app.close();
    await app.open(KITCHEN, { ...signedIn, [`GET ${KITCHEN}`]: named });
    expect(app.text).not.toContain("Listen anonymously");
  });

  it("whoever listens on another device moves here by one tap, and back", async () => {
    const asked: string[] = [];
    const call = `POST ${KITCHEN}/call`;
    const there = { [`GET ${KITCHEN}/calls/me`]: { elsewhere: 1 } };
    await app.open(KITCHEN, { ...signedIn, ...kitchen, ...there, [call]: () => answered() });
    vi.stubGlobal(
      "fetch",
      ((inner) => (url: string, init: RequestInit) => {
        if (init.method === "POST") asked.push(url);
        return inner(url, init);
      })(fetch as (url: string, init: RequestInit) => Promise<Response>),
    );
    expect(app.find("status", /You are listening on another device/)).toBeTruthy();
    await app.press("Listen here");
    expect(asked).toEqual([expect.stringContaining("/call?take_over=true")]);
    newestPeer().ice("connected");
    newestPeer().message(JSON.stringify(event(1, "snapshot", snapshot())));
    newestPeer().message(JSON.stringify(event(2, "goodbye", { reason: "elsewhere", reconnect: false })));
    await app.settle();
    expect(app.find("heading", "You are listening on another device")).toBeTruthy();
    await app.press("Listen here");

    expect(asked).toHaveLength(2);
    expect(asked[1]).toContain("take_over=true");
  });

  it("whoever is sent out by a new policy reads which one it is", async () => {
    let policy: "everyone" | "followed" = "everyone";
    const door = () =>
      Response.json(card({ listen_policy: policy, you: you({ may_listen: policy === "everyone" }) }));
    await goInside(snapshot(), { [`GET ${KITCHEN}`]: door });
    policy = "followed";
    newestPeer().message(JSON.stringify(event(2, "goodbye", { reason: "narrowed", reconnect: false })));
    await app.settle();
    await app.settle();

    expect(app.find("heading", "For people the host follows")).toBeTruthy();
  });

  it("a space for followers says so, and lets one follow", async () => {
    const shut = { stage: null, counts: null, you: you({ may_listen: false }) };
    await app.open(KITCHEN, {
      ...signedIn,
      [`GET ${KITCHEN}`]: card({ listen_policy: "followers", ...shut }),
    });
    expect(app.find("heading", "Only for followers")).toBeTruthy();
    await app.press("Follow Ama");

    expect(app.asked).toContain("PUT /people/ama/follow");
  });

  it("a host gives the space another title", async () => {
    const stage = [seat("ben", { role: "host" })];
    await goInside(snapshot({ ...HOST, stage }), { [`PATCH ${KITCHEN}`]: card() });
    await vi.waitFor(() => app.find("button", "More about this space"), { timeout: 5_000 });
    document.querySelector<HTMLElement>("[role=menuitem]:not(.danger)")?.click();
    await vi.waitFor(() => app.find("textbox", "Title"), { timeout: 5_000 });
    expect(app.find("button", "Change")).toHaveProperty("disabled", true);
    await app.type("Title", "Breakfast");
    await app.press("Change");

    expect(app.asked).toContain(`PATCH ${KITCHEN}`);
    expect(app.text).toContain("Everybody sees the new words.");
  });

  it("a moderator silences and sends away, asked once more", async () => {
    const me = { "GET /me": { ...BEN, role: "moderator" } };
    const view = snapshot({ stage: [seat("ama", { muted: false })] });
    await goInside(view, { ...me, ...related(stranger), "GET /people/ama": AMA });
    await app.press(/^Ama/);
    await vi.waitFor(() => app.find("button", "Mute"), { timeout: 5_000 });
    await app.press("Mute");
    expect(app.asked.some((asked) => asked.endsWith("/mutes/ama"))).toBe(true);
    await app.press(/^Ama/);
    await vi.waitFor(() => app.find("button", "Remove"), { timeout: 5_000 });
    await app.press("Remove");
    expect(app.asked.some((asked) => asked.endsWith("/removals/ama"))).toBe(false);
    await app.press("Remove from the space");

    expect(app.asked.some((asked) => asked.endsWith("/removals/ama"))).toBe(true);
  });

  it("a host changes who may listen while the space is live", async () => {
    const stage = [seat("ben", { role: "host" })];
    await goInside(snapshot({ ...HOST, stage }), { [`PATCH ${KITCHEN}`]: card() });
    await app.press("Who may come in");
    app.find("radio", /My followers/).click();
    await app.settle();

    expect(app.asked).toContain(`PATCH ${KITCHEN}`);
  });

  it("whoever is protected says in the settings who may follow", async () => {
    const waiting = "GET /people/me/follow-requests";
    const people = [AMA, { ...AMA, id: "efua", display_name: "Efua" }];
    const me = { "GET /me": { ...BEN, protected: true } };
    await app.open("/settings", { ...me, [waiting]: { items: people, next_cursor: null } });
    await app.press("Accept Ama");
    await app.press("Decline Efua");

    expect(app.asked).toContain("PUT /people/me/follow-requests/ama");
    expect(app.asked).toContain("DELETE /people/me/follow-requests/efua");
    expect(app.text).toContain("Nobody waits for an answer.");
  });

  it("those whom one blocked can be let off in the settings", async () => {
    const blocks = { "GET /people/me/blocks": { items: [AMA], next_cursor: null } };
    await app.open("/settings", { ...signedIn, ...blocks });
    await app.press("Unblock Ama");

    expect(app.asked).toContain("DELETE /people/ama/block");
    expect(app.text).toContain("You have blocked nobody.");
  });
});

describe("signing in, in the settings", () => {
  const signIns = {
    password: true,
    identities: [],
    providers: [],
    recovery_codes: 0,
    passkeys: [{ id: "p1", name: "Phone", since: "2026-02-01T20:00:00Z", used: "2026-02-01" }],
    sessions: [
      {
        id: "s1",
        this: true,
        browser: "Firefox",
        system: "Linux",
        since: "2026-03-01T20:00:00Z",
        seen: "2026-03-01",
      },
      {
        id: "s2",
        this: false,
        browser: "Safari",
        system: "iPhone",
        since: "2026-02-01T20:00:00Z",
        seen: "2026-02-01",
      },
      { id: "s3", this: false, browser: "", system: "", since: "2026-01-01T20:00:00Z", seen: "2026-01-01" },
    ],
  };
  const nobody = { items: [], next_cursor: null };
  const others = {
    ...signedIn,
    "GET /people/me": profile("ben"),
    "GET /people/me/blocks": nobody,
    "GET /people/me/mutes": nobody,
  };
  const token = { id: "t1", name: "Bot", scopes: ["read", "speak"], since: "2026-02-01T20:00:00Z" };
  const settings = { ...others, "GET /me/sign-ins": signIns, "GET /tokens": { items: [token] } };

  it("tells where one is signed in, and signs out there", async () => {
    await app.open("/settings", settings);
    expect(app.text).toContain("Firefox on Linux This is the one you use now");
    expect(app.names("button")).not.toContainEqual(expect.stringMatching(/Sign out Firefox/));
    await app.press(/Sign out Safari on iPhone, Last used/);
    expect(app.text).toContain("Safari on iPhone is signed out.");
    await app.press("Sign out everywhere else");

    expect(app.asked).toContain("DELETE /sessions/s2");
    expect(app.asked).toContain("DELETE /sessions");
  });

  it("takes everything along in one file", async () => {
    const saved: string[] = [];
    vi.stubGlobal(
      "URL",
      Object.assign(URL, { createObjectURL: () => "blob:all", revokeObjectURL: () => {} }),
    );
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
      saved.push(`${this.href} ${this.download}`);
    });
    await app.open("/settings", { ...settings, "GET /me/export": () => new Response("PK") });
    await app.press("Download everything");

    expect(saved).toEqual(["blob:all convivium-ben.zip"]);
    expect(app.text).toContain("Your data is in your downloads.");
  });

  it("deletes the account of whoever types its name", async () => {
    let isThere = true;
    const gone = () => {
      isThere = false;
      return new Response(null, { status: 204 });
    };
    const me = () => (isThere ? Response.json(BEN) : refusal(401));
    await app.open("/settings", { ...settings, "GET /me": me, "DELETE /me": gone });
    await app.press("Delete my account");
    await app.press("Delete it for good");
    expect(app.asked).not.toContain("DELETE /me");
    expect(app.text).toContain("Type ben.");
    expect(await app.barriers()).toEqual([]);
    await app.type("Your name, to be sure", "@Ben");
    await app.press("Delete it for good");

    expect(app.asked).toContain("DELETE /me");
    expect(location.pathname).toBe("/");
    expect(app.text).toContain("Your account is deleted.");
  });

  it("changes the password, and says why it did not work", async () => {
    let sent = "";
    const change = ({ body }: RequestInit) => {
      sent = String(body);
      if (sent.includes("wrong"))
        return refusal(403, "wrong_password", "This is not the password you have now.");
      return new Response(null, { status: 204 });
    };
    await app.open("/settings", { ...settings, "PUT /me/password": change });
    await app.press("Change it");
    await app.type("Password now", "wrong password");
    await app.type("New password", "short");
    await app.press("Change the password");
    expect(sent).toBe("");
    await app.type("New password", "long river stones");
    await app.press("Change the password");
    expect(app.find("alert", /not the password you have now/)).toBeTruthy();
    await app.type("Password now", "a long table for all");
    await app.press("Change the password");

    expect(JSON.parse(sent)).toEqual({ old: "a long table for all", new: "long river stones" });
    expect(app.text).toContain("Everywhere else you are signed out.");
  });

  it("asks once more who one is before a token is made, and then goes on", async () => {
    let proved = false;
    const make = () =>
      proved
        ? Response.json(
            { token: { ...token, id: "t2", name: "Second bot" }, secret: "cvv_pat_x" },
            { status: 201 },
          )
        : refusal(403, "sign_in_again", "You signed in more than ten minutes ago.");
    const prove = ({ body }: RequestInit) => {
      proved = JSON.parse(String(body)).password === "a long table for all";
      return proved ? new Response(null, { status: 204 }) : refusal(403, "wrong_password", "That is not it.");
    };
    await app.open("/settings", { ...settings, "POST /tokens": make, "PUT /sessions/current": prove });
    await app.press("Make a token");
    await app.type("What it is for", "Second bot");
    await app.press("Make the token");
    await app.type("Your password", "wrong");
    await app.press("Continue");
    expect(app.find("alert", "That is not it.")).toBeTruthy();
    await app.type("Your password", "a long table for all");
    await app.press("Continue");

    expect((app.find("textbox", "The token") as HTMLInputElement).value).toBe("cvv_pat_x");
    expect(app.text).toContain("Second bot Read what you may see, be heard");
  });

  it("does nothing for whoever does not show who they are", async () => {
    const again = () => refusal(403, "sign_in_again", "You signed in more than ten minutes ago.");
    await app.open("/settings", { ...settings, "DELETE /passkeys/p1": again });
    await app.press("Take away the passkey Phone");
    await app.press("Close");

    expect(app.text).toContain("Phone Last used");
    expect(app.names("alert").filter(Boolean)).toEqual([]);
  });

  it("shows recovery codes once, and how many are left", async () => {
    const codes = ["aaaa-bbbb-cccc-dddd", "eeee-ffff-gggg-hhhh"];
    const look = () => Response.json({ ...signIns, recovery_codes: codesMade ? 10 : 0 });
    let codesMade = false;
    const make = () => {
      codesMade = true;
      return Response.json({ codes }, { status: 201 });
    };
    await app.open("/settings", { ...settings, "GET /me/sign-ins": look, "POST /me/recovery-codes": make });
    await app.press("Make recovery codes");

    expect(app.text).toContain("eeee-ffff-gggg-hhhh");
    expect(app.text).toContain("10 are left");
    expect(await app.barriers()).toEqual([]);
  });

  it("deletes a token", async () => {
    await app.open("/settings", settings);
    await app.press("Delete the token Bot");

    expect(app.asked).toContain("DELETE /tokens/t1");
    expect(app.text).not.toContain("Bot Read");
  });

  it("says of oneself only what is written anew, and where it is wrong", async () => {
    let sent: unknown;
    const keep = ({ body }: RequestInit) => {
      sent = JSON.parse(String(body));
      return Response.json(BEN);
    };
    await app.open("/settings", { ...settings, "PATCH /me": keep });
    await app.type("About you", "I cook.");
    await app.press("Add a link");
    await app.type("Link 1", "ftp://example.org");
    await app.press("Save");
    expect(sent).toBeUndefined();
    expect(app.text).toContain("A link begins with https://");
    expect(await app.barriers()).toEqual([]);
    await app.type("Link 1", "example.org/soup");
    await app.type("Topics", "Soup, Bread, Soup");
    await app.press("Save");

    expect(sent).toEqual({ bio: "I cook.", links: ["https://example.org/soup"], topics: ["Soup", "Bread"] });
  });

  it("says beside the name that it reads as another's", async () => {
    const alike = () => refusal(409, "name_too_alike", "Somebody here has a name that looks just like it.");
    await app.open("/settings", { ...settings, "PATCH /me": alike });
    await app.type("How others see you", "Аma");
    await app.press("Save");

    const field = app.find("textbox", "How others see you");
    expect(field?.getAttribute("aria-invalid")).toBe("true");
    expect(app.text).toContain("looks just like it");
  });

  it("says that it could not look, and looks again", async () => {
    let answers = false;
    const look = () => (answers ? Response.json(signIns) : refusal(503, "busy", "Busy."));
    await app.open("/settings", { ...others, "GET /me/sign-ins": look });
    answers = true;
    await app.press("Try again");

    expect(app.text).toContain("Safari on iPhone");
  });

  it("has nothing that axe finds wrong", async () => {
    await app.open("/settings", settings);
    await app.press("Change it");

    expect(await app.barriers()).toEqual([]);
  });
});

describe("the chat", () => {
  const said = chat({ lines: [line(1, { person: person("ama"), text: "Hello" }), line(2)] });
  const nobody = { "GET /people": { items: [] } };

  it("opens beside the table, and says before how much is unread", async () => {
    await goInside(snapshot({ chat: said }), nobody);
    const button = await vi.waitFor(() => app.find("button", "Chat"));
    const description = () => document.getElementById(button.getAttribute("aria-describedby") ?? "");
    expect(description()?.textContent).toBe("1 new");
    await app.press("Chat");
    await vi.waitFor(() => app.find("region", "Chat"), { timeout: 5_000 });

    await vi.waitFor(() => expect(app.find("region", "Chat").textContent).toContain("Hello"));
    expect(description(), "what is read is not new").toBeNull();
  });

  it.each([
    [
      "Escape",
      (field: HTMLElement) =>
        field.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true })),
    ],
    ["its button", () => app.find("button", "Close the chat").click()],
  ])("is closed by %s, and the focus is where it was opened", async (_, close) => {
    await goInside(snapshot({ chat: said }), nobody);
    await vi.waitFor(() => app.find("button", "Chat"));
    await app.press("Chat");
    await vi.waitFor(() => app.find("region", "Chat"), { timeout: 5_000 });
    const field = app.find("textbox", "Say something");
    field.focus();
    close(field);
    await app.settle();

    expect(app.names("region")).not.toContain("Chat");
    expect(document.activeElement).toBe(app.find("button", "Chat"));
  });

  it("has nothing that axe finds wrong for a host", async () => {
    const pinned = shared("The recording", {
      link: "https://example.org/a",
      host: "example.org",
      pinned: true,
    });
    const stage = [seat("ben", { role: "host" })];
    await goInside(snapshot({ ...HOST, stage, chat: said, shared: [pinned, shared("Notes")] }), nobody);
    await vi.waitFor(() => app.find("button", "Chat"));
    await app.press("Chat");
    await vi.waitFor(() => app.find("region", "Chat"), { timeout: 5_000 });
    await app.press("Who may write");

    expect(await app.barriers()).toEqual([]);
  });

  it("leaves out those whom one blocks, and shows the others", async () => {
    const relation = {
      follows: false,
      followed_by: false,
      blocks: true,
      mutes: false,
      asked: false,
      bell: false,
    };
    const related = { items: [{ ...person("ama"), relation }] };
    await goInside(snapshot({ chat: said }), { "GET /people": related });
    await vi.waitFor(() => app.find("button", "Chat"));
    await app.press("Chat");

    await vi.waitFor(() => expect(app.find("region", "Chat").textContent).toContain("line 2"), {
      timeout: 5_000,
    });
    expect(app.find("region", "Chat").textContent).not.toContain("Hello");
  });

  it("shows what is pinned on the table, as a link that gives nothing away", async () => {
    const pinned = shared("The recording", {
      link: "https://example.org/a",
      host: "example.org",
      pinned: true,
    });
    await goInside(snapshot({ shared: [pinned] }));
    const link = await vi.waitFor(() => app.find("link", "The recording example.org"));

    expect(link.getAttribute("rel")).toBe("noopener noreferrer nofollow");
    expect(link.getAttribute("href")).toBe("https://example.org/a");
  });
});

describe("reactions", () => {
  const key = async (name: string) => {
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
    await app.settle();
  };

  it("are one tap for a listener, over the data channel", async () => {
    await goInside(snapshot());
    const channel = newestPeer().channels[0];
    if (channel) channel.readyState = "open";
    await app.press("Applause");

    expect(newestPeer().said).toEqual(['{"type":"reaction","emoji":"👏"}']);
    expect(app.asked).not.toContain(`POST ${KITCHEN}/reactions`);
  });

  it("are given by a guest too", async () => {
    await goInside(snapshot({ you: you({ kind: "guest", person: null, may_ask: false }) }), guest);
    await app.press("Fire");

    expect(app.asked).toContain(`POST ${KITCHEN}/reactions`);
  });

  it("stand behind one button for whoever sits at the table, and a key opens them", async () => {
    await goInside(snapshot({ stage: [seat("ben")], you: you({ role: "speaker" }) }), {}, 390);
    expect(app.names("button")).toContain("React");
    expect(app.names("button")).not.toContain("Applause");
    await key("e");

    expect(await app.barriers()).toEqual([]);
    await app.press("Applause");
    expect(app.asked).toContain(`POST ${KITCHEN}/reactions`);
  });

  it("of others rise over the table, where ears are not told of each", async () => {
    await goInside(snapshot({ reactions: { "👏": 500 } }));
    expect(document.querySelectorAll(".rising .up")).toHaveLength(0);
    newestPeer().message(JSON.stringify(event(2, "reactions_changed", { reactions: { "👏": 502 } })));
    await app.settle();

    expect(document.querySelectorAll(".rising[aria-hidden=true] .up")).toHaveLength(2);
  });

  it("are among the keys that ? tells", async () => {
    await goInside(snapshot());
    await key("?");

    expect(app.find("dialog", "Keys").textContent).toMatch(/E\s*React/);
    expect(await app.barriers()).toEqual([]);
  });
});

describe("giving a space away", () => {
  it("is its link, for whoever is there", async () => {
    const copied: string[] = [];
    const clipboard = { writeText: (text: string) => Promise.resolve(void copied.push(text)) };
    Object.defineProperty(navigator, "clipboard", { value: clipboard, configurable: true });
    await goInside(snapshot());
    await app.press("Share");
    await app.press("Copy");

    expect(copied).toEqual([`${location.origin}${KITCHEN}`]);
    expect(app.find("dialog", "Share").textContent).not.toContain("By name");
    expect(await app.barriers()).toEqual([]);
  });

  it("is also inviting by name, and links for each role, for hosts", async () => {
    const links = { [`GET ${KITCHEN}/invitation-links`]: { items: [] } };
    await goInside(snapshot({ ...HOST, stage: [seat("ben", { role: "host" })] }), links);
    await app.press("Invite");
    await app.type("Name", "@Chidi");
    app
      .all("button")
      .find((button) => button.getAttribute("type") === "submit")
      ?.click();
    await app.settle();

    expect(app.asked).toContain(`PUT ${KITCHEN}/invitations/%40chidi`);
    expect(app.names("button")).toEqual(expect.arrayContaining(["To listen", "To speak", "To help"]));
    expect(await app.barriers()).toEqual([]);
  });

  it("shows hosts who is invited, page by page, and takes it back", async () => {
    const invited = (name: string, role: string) => ({ person: person(name), role });
    const pages = [
      { items: [invited("chidi", "speaker")], next_cursor: "chidi" },
      { items: [invited("dora", "listener")], next_cursor: null },
    ];
    const answers = {
      [`GET ${KITCHEN}/invitation-links`]: { items: [] },
      [`GET ${KITCHEN}/invitations`]: () => Response.json(pages.shift() ?? {}),
    };
    await goInside(snapshot({ ...HOST, stage: [seat("ben", { role: "host" })] }), answers);
    await app.press("Invite");
    await app.press("Show more");
    const list = app.find("region", "Who is invited");
    expect(list.textContent).toContain("Chidi invited to speak");
    expect(list.textContent).toContain("Dora invited to listen");
    expect(await app.barriers()).toEqual([]);

    await app.press("Take the invitation back: Chidi");

    expect(app.asked).toContain(`DELETE ${KITCHEN}/invitations/chidi`);
    expect(list.textContent).not.toContain("Chidi");
    expect(document.activeElement?.textContent).toBe("Who is invited");
  });

  it("is the calendar too, as long as it is still to come", async () => {
    const later = card({ state: "scheduled", starts_at: "2999-03-01T20:00:00Z" });
    await app.open(KITCHEN, { ...signedIn, [`GET ${KITCHEN}`]: later });
    await app.press("Share");
    const calendars = app.all("link").filter((link) => link.textContent?.includes("Add to calendar"));

    expect(calendars.every((link) => link.getAttribute("href") === `/api/v1${KITCHEN}/calendar.ics`)).toBe(
      true,
    );
    expect(calendars).toHaveLength(2);
  });
});

describe("axe finds nothing wrong with", () => {
  const queue = [waiting("chidi", 1, "A question about salt")];
  const onStage = [seat("ben", { role: "host" }), seat("ama", { muted: false })];

  it.each([
    ["home", "/", { ...signedIn, ...live }],
    ["home without anybody", "/", { ...guest, "GET /spaces": { items: [], next_cursor: null } }],
    ["sign-in", "/sign-in", guest],
    ["settings", "/settings", signedIn],
    ["a new space", "/?new", { ...signedIn, ...live }],
    ["the door", KITCHEN, { ...guest, ...kitchen }],
    ["the end", KITCHEN, { ...signedIn, [`GET ${KITCHEN}`]: card({ state: "ended" }) }],
    ["an address that leads nowhere", "/nowhere", guest],
  ])("%s", async (_, address, answers) => {
    await app.open(address, answers);

    expect(await app.barriers()).toEqual([]);
  });

  it.each([
    ["the room of a listener", snapshot(), 390],
    ["the room of a speaker", snapshot({ stage: [seat("ben")], you: you({ role: "speaker" }) }), 390],
    ["the studio", snapshot({ ...HOST, stage: onStage, queue }), 1_440],
    [
      "the host's phone in a fast lane",
      snapshot({ ...HOST, floor: floor({ policy: "fast_lane", next: 1 }), stage: onStage, queue }),
      390,
    ],
    ["the host's phone", snapshot({ ...HOST, stage: onStage, queue }), 390],
  ])("%s", async (_, view, width) => {
    await goInside(view, {}, width);

    expect(await app.barriers()).toEqual([]);
  });
});

it("an address that leads nowhere says so", async () => {
  await app.open("/nowhere", { ...guest, ...live });

  expect(app.find("heading", "Nothing is laid here")).toBeTruthy();
});
