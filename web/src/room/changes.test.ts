import { describe, expect, it } from "vitest";
import { request, seat, snapshot, space, you } from "../api/samples";
import { changesBetween } from "./changes";

const before = snapshot();
const texts = (after: ReturnType<typeof snapshot>, from = before) =>
  changesBetween(from, after).map(({ text }) => text);

describe("what there is to say about a change", () => {
  it("says nothing when nothing changed that matters", () => {
    expect(texts(snapshot({ counts: { listeners: 9, requests: 1 } }))).toEqual([]);
  });

  it("tells others' comings and goings at the table", () => {
    const after = snapshot({ stage: [seat("chidi")] });

    expect(changesBetween(before, after)).toEqual([
      { text: "Chidi is on the stage.", about: "others" },
      { text: "Ama left the stage.", about: "others" },
    ]);
  });

  it("tells me of my own seat in words meant for me, and only once", () => {
    const seated = snapshot({ stage: [...before.stage, seat("ben")], you: you({ role: "speaker" }) });

    expect(changesBetween(before, seated)).toEqual([
      { text: "You are on the stage. Your microphone is off.", about: "me" },
    ]);
    expect(texts(before, seated)).toEqual(["You are back among the listeners."]);
  });

  it("tells who sits at a microphone to wear headphones where there is music, and others that there is", () => {
    const seated = (music: boolean) => snapshot({ stage: [seat("ben")], space: space({ music }) });
    const concert = snapshot({ space: space({ music: true }) });

    expect(changesBetween(seated(false), seated(true))).toEqual([
      { text: "Music mode is on. Wear headphones: your browser cancels no echo now.", about: "me" },
    ]);
    expect(texts(seated(false), seated(true))).toEqual([
      "Music mode is off. Your voice is cleaned and levelled again.",
    ]);
    expect(changesBetween(before, concert)).toEqual([{ text: "Music mode is on.", about: "others" }]);
    expect(texts(seated(true), concert)[0]).toMatch(/^Music mode is on. Wear headphones/);
    expect(texts(seated(true), seated(true))).toEqual([]);
  });

  it("tells me of a new role on the seat I have", () => {
    const speaker = snapshot({ stage: [seat("ben")] });
    const coHost = snapshot({ stage: [seat("ben", { role: "co_host" })] });

    expect(texts(coHost, speaker)).toEqual(["You are a co-host now."]);
  });

  it("tells me that my request was passed over, but not when it brought me up", () => {
    const waiting = snapshot({ you: you({ request: request("ben", 1) }) });
    const up = snapshot({ stage: [seat("ben")], you: you({ role: "speaker" }) });

    expect(texts(snapshot(), waiting)).toEqual(["You are no longer in line."]);
    expect(texts(up, waiting)).not.toContain("You are no longer in line.");
  });

  it("calls me up, and thanks me when my time is up", () => {
    const mine = (change: Parameters<typeof seat>[1]) =>
      snapshot({ stage: [...before.stage, seat("ben", change)] });
    const called = mine({ confirm_by: "2026-03-01T20:10:15Z" });
    const singing = mine({ muted: false, turn_ends_at: "2026-03-01T20:12:00Z" });
    const at = (time: string) => changesBetween(singing, before, Date.parse(time)).map(({ text }) => text);

    expect(texts(called)).toEqual(["It is your turn. Say yes within 15 seconds."]);
    expect(texts(singing)).toEqual(["You are on. Everyone hears you."]);
    expect(texts(before, called)).toEqual(["Your turn went by."]);
    expect(at("2026-03-01T20:12:05Z")).toEqual(["Your time is up. Thank you for speaking."]);
    expect(at("2026-03-01T20:11:00Z")).toEqual(["You are back among the listeners."]);
  });

  it("tells ears of a new place in line", () => {
    const place = (number: number) => snapshot({ you: you({ request: request("ben", number) }) });

    expect(changesBetween(place(3), place(2))).toEqual([{ text: "You’re second in line.", about: "others" }]);
    expect(texts(place(2), place(2))).toEqual([]);
  });
});
