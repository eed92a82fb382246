import { describe, expect, it } from "vitest";
import { conversation, message, person } from "../../api/samples";
import { addressOf, dayOrTime, isMeant, lineOf, namesIn, previewOf, titleOf } from "./words";

const pair = conversation("c1");
const group = conversation("g1", {
  is_group: true,
  members: ["ama", "ben", "cleo"].map((name) => ({ person: person(name), read: 0 })),
});

describe("what a conversation is called", () => {
  it("is the other one, or a group's name, or whom it has", () => {
    expect(titleOf(pair, "ben")).toBe(person("ama").display_name);
    expect(titleOf({ ...group, title: "Bread club" }, "ben")).toBe("Bread club");
    expect(titleOf(group, "ben")).toBe("Ama, Cleo");
    expect(titleOf({ ...pair, members: [] }, "ben")).toBe("Somebody who left");
  });

  it("is found by name, and a group by its id", () => {
    expect(addressOf(pair, "ben")).toBe("@ama");
    expect(addressOf(group, "ben")).toBe("g1");
    expect(isMeant(pair, "@ama", "ben") && isMeant(pair, "c1", "ben")).toBe(true);
    expect(isMeant(group, "@ama", "ben")).toBe(false);
  });
});

describe("a line of a message", () => {
  const space = { id: "s", title: "Bread", state: "live", starts_at: null, host: person("ama") } as const;
  const invitation = { role: "speaker", person: person("ben"), open: true } as const;

  it.each([
    [message(1), "message 1"],
    [message(1, { text: "", space }), "Bread"],
    [message(1, { text: "come\n\nalong", space }), "come along · Bread"],
    [message(1, { gone: true, text: "" }), "Ama took a message away"],
    [message(1, { kind: "invited", text: "", space, invitation }), "Ama invites you to the stage: Bread"],
    [message(1, { kind: "invited", gone: true, text: "" }), "An invitation that is not open any more"],
    [message(1, { kind: "added", text: "", person: person("cleo") }), "Ama added Cleo"],
    [message(1, { kind: "named", text: "Rye" }), "Ama named the group Rye"],
    [message(1, { kind: "named", text: "" }), "Ama took the group’s name away"],
    [message(1, { kind: "left", text: "" }), "Ama left the group"],
  ])("%#", (given, line) => expect(lineOf(given, "ben")).toBe(line));

  it("says whose words they are, where that is not plain", () => {
    expect(previewOf(pair, "ben")).toBe("message 1");
    expect(previewOf(pair, "ama")).toBe("You: message 1");
    expect(previewOf(group, "ben")).toBe("Ama: message 1");
    expect(previewOf({ ...pair, last: null }, "ben")).toBe("Nothing is written yet");
  });
});

it("days are named as near as they are", () => {
  const now = new Date(2026, 2, 6, 21, 0);
  const at = (day: number, hour: number) =>
    dayOrTime(new Date(2026, 2, day, hour, 6).toISOString(), now, "en");
  expect([at(6, 9), at(5, 23), at(2, 9), at(-20, 9)]).toEqual(["09:06 AM", "Yesterday", "Mon", "Feb 8"]);
});

it("names are read however they are typed", () => {
  expect(namesIn(" @ama, Ben;cleo  ama ")).toEqual(["@ama", "@ben", "@cleo"]);
  expect(namesIn(" , ")).toEqual([]);
});
