"""Voice notes in posts: sent first, then posted, and heard by whoever sees the post."""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from convivium.app import Instance
from convivium.core import web
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.files.service import UNUSED_MAX
from convivium.voice_notes.rules import LEVELS
from convivium.voice_notes.studio import EACH, IN_HAND
from tests.conftest import Appoint, Browser, SignUp
from tests.pictures.samples import drawn
from tests.voice_notes.samples import PLANTED, heard, no_notes, share_of, spoken

NOT_THERE = (404, "voice_note_not_found")
DAY = timedelta(days=1).total_seconds()


async def send(browser: Browser, data: bytes | None = None) -> str:
    """Send a voice note for a post."""
    answer = await browser.ask("POST", "/voice-notes", content=data or spoken())
    assert answer.status_code == 201, answer.text
    sent: str = answer.json()["id"]
    return sent


async def say(browser: Browser, note: str, **more: object) -> dict[str, Any]:
    """Write a post that speaks."""
    written: dict[str, Any] = await browser.do("POST", "/posts", {"voice": note, **more})
    return written


async def hears(browser: Browser, note: str) -> bool:
    """Tell whether somebody may fetch a note; both formats are as the other."""
    answers = [await browser.ask("GET", f"/voice-notes/{note}/{kind}") for kind in ("ogg", "m4a")]
    assert len({answer.status_code for answer in answers}) == 1
    assert answers[0].status_code in (200, 404)
    return answers[0].status_code == 200


def files(settings: Settings) -> set[str]:
    """Name what lies in the folder of voice notes."""
    return {path.name for path in settings.voice_notes_path.rglob("*") if path.is_file()}


async def test_a_post_speaks_wherever_it_stands(sign_up: SignUp) -> None:
    """With a caption or without one; quoted, answered, listed, found by its caption."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    await ben.do("PUT", "/people/@ama/follow")
    note = await send(ama)

    written = await say(ama, note, text="Good morning, bakers")

    voice = written["voice"]
    assert (voice["id"], voice["duration_ms"], len(voice["levels"])) == (note, 1000, LEVELS)
    assert (await ben.do("GET", f"/posts/{written['id']}"))["voice"] == voice
    assert (await ben.do("GET", "/timeline"))["items"][0]["post"]["voice"] == voice
    assert (await ben.do("GET", "/people/@ama/posts"))["items"][0]["voice"] == voice
    assert (await ben.do("GET", "/search?q=bakers&kind=posts"))["posts"]["items"][0][
        "voice"
    ] == voice
    quoting = await ben.do("POST", "/posts", {"text": "hear", "quote": written["id"]})
    assert quoting["quote"]["voice"] == voice
    assert quoting["voice"] is None
    assert (await say(ama, await send(ama)))["text"] == ""


async def test_what_is_heard_is_what_was_said(sign_up: SignUp) -> None:
    """As sound and nothing else, whatever it was called when it came."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    note = await send(ama, spoken("MP4", pitch=523.0))
    await say(ama, note)

    for kind, media_type in (("ogg", "audio/ogg"), ("m4a", "audio/mp4")):
        answer = await ben.ask("GET", f"/voice-notes/{note}/{kind}")
        assert answer.headers["content-type"] == media_type
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["cache-control"] == "private, no-cache"
        assert answer.headers["vary"] == "Authorization, Cookie"
        assert share_of(heard(answer.content), 523.0) > 0.9


async def test_a_part_of_a_note_is_sent_by_itself(sign_up: SignUp) -> None:
    """As players ask that jump: one part, of the same file."""
    ama = await sign_up("ama")
    path = f"/voice-notes/{await send(ama)}/ogg"
    whole = await ama.ask("GET", path)
    size, tag = len(whole.content), whole.headers["etag"]

    part = await ama.ask("GET", path, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{size}"
    assert part.headers["content-type"] == "audio/ogg"
    rest = await ama.ask("GET", path, headers={"Range": "bytes=-50", "If-Range": tag})
    assert (rest.status_code, rest.content) == (206, whole.content[-50:])

    for headers in (
        {"Range": "bytes=0-1,5-6"},
        {"Range": "bytes=" + ",".join("0-" for _ in range(2000))},
        {"Range": "bytes=100-199", "If-Range": '"another"'},
    ):
        answer = await ama.ask("GET", path, headers=headers)
        assert (answer.status_code, answer.content) == (200, whole.content)
    beyond = await ama.ask("GET", path, headers={"Range": f"bytes={size}-"})
    assert beyond.status_code == 416
    again = await ama.ask("GET", path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_note_is_sent_for_one_post_by_whoever_says_it(sign_up: SignUp) -> None:
    """Not for two, not by another; and not beside pictures."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    notes = [await send(ama) for _ in range(2)]
    await say(ama, notes[0])

    for who, wanted in ((ama, notes[0]), (ben, notes[1]), (ama, "x")):
        assert await who.refused("POST", "/posts", {"voice": wanted}) == NOT_THERE
    picture = (await ama.ask("POST", "/pictures", content=drawn())).json()["id"]
    both = {"voice": notes[1], "pictures": [{"id": picture}]}
    assert (await ama.refused("POST", "/posts", both))[0] == 422


async def test_who_asks_again_posts_once(sign_up: SignUp) -> None:
    """The answer may have been lost."""
    ama = await sign_up("ama")
    body = {"voice": await send(ama)}
    headers = {"Idempotency-Key": "once"}

    first, again = [
        (await ama.ask("POST", "/posts", json=body, headers=headers)).json() for _ in range(2)
    ]

    assert first == again
    assert first["voice"]["id"] == body["voice"]


async def test_other_words_leave_the_voice(sign_up: SignUp) -> None:
    """Also no words at all."""
    ama = await sign_up("ama")
    written = await say(ama, await send(ama), text="hello")

    changed = await ama.do("PATCH", f"/posts/{written['id']}", {"text": ""})

    assert (changed["text"], changed["voice"]) == ("", written["voice"])


async def test_a_post_that_goes_takes_its_voice_along(
    instance: Instance, sign_up: SignUp, settings: Settings
) -> None:
    """With its files, and also where an answer keeps the place."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    note = await send(ama)
    written = await say(ama, note)
    assert len(files(settings)) == 2
    answer = await ben.do("POST", "/posts", {"text": "nice", "reply_to": written["id"]})

    await ama.do("DELETE", f"/posts/{written['id']}")
    await instance.jobs.run_due()

    assert not await hears(ama, note)
    above = (await ben.do("GET", f"/posts/{answer['id']}/thread"))["above"]
    assert [post["voice"] for post in above] == [None]
    assert files(settings) == set()


async def test_whoever_sees_the_post_hears_it_and_nobody_else(
    sign_up: SignUp, visitor: Callable[[], Browser], appoint: Appoint
) -> None:
    """Each time it is asked: a block, a lock and a suspension hold at once, for a part too."""
    marta = await appoint("marta")
    ama, ben, chi = await sign_up("ama"), await sign_up("ben"), await sign_up("chi")
    await ben.do("PUT", "/people/@ama/follow")
    note = await send(ama)
    people = {"ama": ama, "ben": ben, "chi": chi, "anybody": visitor(), "marta": marta}

    async def who() -> set[str]:
        return {name for name, browser in people.items() if await hears(browser, note)}

    assert await who() == {"ama"}
    await say(ama, note)
    assert await who() == set(people)
    tag = (await chi.ask("GET", f"/voice-notes/{note}/ogg")).headers["etag"]

    await ama.do("PUT", "/people/@chi/block")
    assert await who() == set(people) - {"chi"}
    for headers in ({"Range": "bytes=0-9"}, {"If-None-Match": tag}):
        answer = await chi.ask("GET", f"/voice-notes/{note}/ogg", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == NOT_THERE

    await ama.do("PATCH", "/me", {"protected": True})
    assert await who() == {"ama", "ben"}
    await ama.do("PATCH", "/me", {"protected": False})
    await ama.do("DELETE", "/people/@chi/block")
    assert await who() == set(people)

    why = {"words": "hateful", "until": None}
    await marta.do("PUT", "/moderation/people/@ama/suspension", why)
    assert await who() == set()


@pytest.mark.parametrize("what", ["nothing", "a page", "half an MP4", "a voice and a film"])
async def test_what_is_no_voice_note_changes_nothing(
    sign_up: SignUp, settings: Settings, what: str
) -> None:
    """Also when it is called one."""
    ama = await sign_up("ama")
    sent = {"content": no_notes()[what], "headers": {"Content-Type": "audio/webm"}}

    answer = await ama.ask("POST", "/voice-notes", **sent)

    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_voice_note")
    assert files(settings) == set()


async def test_a_note_has_more_room_than_words_have_and_no_more(sign_up: SignUp) -> None:
    """Three megabytes, on this address alone."""
    ama = await sign_up("ama")

    answer = await ama.ask("POST", "/voice-notes", content=bytes(3_000_001))
    assert answer.status_code == 413
    assert (await ama.ask("POST", "/posts", content=spoken("WebM", 8.0))).status_code == 413


async def test_a_note_that_does_not_end_is_not_waited_for(
    sign_up: SignUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has a minute; the place it held is free again."""
    ama = await sign_up("ama")
    monkeypatch.setattr(web, "LARGER_BODY_WAIT_S", 0.05)

    async def held_back() -> AsyncIterator[bytes]:
        yield spoken()
        await asyncio.Event().wait()

    for _ in range(EACH + 1):
        answer = await ama.ask("POST", "/voice-notes", content=held_back())
        assert answer.status_code == 408
    monkeypatch.undo()
    await send(ama)


async def test_nobody_holds_all_places(instance: Instance, sign_up: SignUp) -> None:
    """Who has some in hand already is told to come again, and others are let in."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    me = (await ama.do("GET", "/me"))["id"]
    places = instance.studio.places

    with ExitStack() as taken:
        for _ in range(EACH):
            taken.enter_context(places.hold(me))
        answer = await ama.ask("POST", "/voice-notes", content=spoken())
        assert (answer.status_code, answer.json()["code"]) == (503, "busy")
        assert answer.headers["retry-after"] == "2"
        await send(ben)
        for at in range(IN_HAND - EACH):
            taken.enter_context(places.hold(f"other {at}"))
        assert (await ben.ask("POST", "/voice-notes", content=spoken())).status_code == 503
    await send(ama)


async def test_somebody_sends_so_many_and_no_more(sign_up: SignUp) -> None:
    """The limit answers before anything is read."""
    ama = await sign_up("ama")
    for _ in range(20):
        assert (await ama.ask("POST", "/voice-notes", content=b"x")).status_code == 422

    answer = await ama.ask("POST", "/voice-notes", content=b"x")

    assert (answer.status_code, answer.json()["code"]) == (429, "slow_down")


async def test_somebody_keeps_so_many_for_later_and_no_more(
    sign_up: SignUp, clock: ManualClock
) -> None:
    """Of those that wait for a post."""
    ama = await sign_up("ama")
    notes = []
    for _ in range(UNUSED_MAX):
        notes.append(await send(ama))
        clock.advance(60)

    answer = await ama.ask("POST", "/voice-notes", content=spoken())
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_voice_notes")

    await say(ama, notes[0])
    await send(ama)


async def test_what_no_post_speaks_with_is_forgotten_after_a_day(
    instance: Instance, sign_up: SignUp, clock: ManualClock, settings: Settings
) -> None:
    """With its files; what stands in a post stays."""
    ama = await sign_up("ama")
    said, unused = await send(ama, spoken(pitch=300.0)), await send(ama)
    await say(ama, said)
    clock.advance(DAY - 1)
    await instance.sweep_voice_notes()
    assert await hears(ama, unused)

    clock.advance(2)
    await instance.sweep_voice_notes()
    await instance.jobs.run_due()

    assert not await hears(ama, unused)
    assert await hears(ama, said)
    assert len(files(settings)) == 2


async def test_nothing_planted_in_a_note_is_kept(sign_up: SignUp, settings: Settings) -> None:
    """The place where it was recorded is in no file and no answer."""
    ama = await sign_up("ama")
    await say(ama, await send(ama, spoken("Ogg")))

    for path in settings.data.rglob("*"):
        assert not path.is_file() or PLANTED.encode() not in path.read_bytes(), path


async def test_ones_notes_are_in_what_one_takes_along(sign_up: SignUp) -> None:
    """As sound, and what is kept of each as a line."""
    ama = await sign_up("ama")
    note = await send(ama)
    await say(ama, note)

    answer = await ama.ask("GET", "/me/export")

    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert share_of(heard(packed.read(f"voice_notes/{note}.ogg")), 440.0) > 0.9
        line = json.loads(packed.read("voice_note.jsonl"))
        assert (line["duration_ms"], len(line["levels"])) == (1000, LEVELS)


async def test_whoever_leaves_takes_all_their_notes_along(
    instance: Instance, sign_up: SignUp, settings: Settings
) -> None:
    """Those in posts and those that waited for one."""
    ama = await sign_up("ama")
    await say(ama, await send(ama))
    await send(ama, spoken(pitch=300.0))

    await ama.do("DELETE", "/me")
    await instance.jobs.run_due()

    assert files(settings) == set()
