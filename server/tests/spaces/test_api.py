"""Spaces as a whole: making, changing, starting, ending, inviting, and who may know of them."""

from collections.abc import Callable

import pytest

from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.media.fake import FakeEngine
from tests.conftest import Browser, OpenTable, SignUp
from tests.table import OFFER, SDP


async def test_a_new_space_is_a_draft_with_its_host_seated(sign_up: SignUp) -> None:
    """What is not said has the defaults of the protocol; the host's microphone is off."""
    ama = await sign_up("ama")

    card = await ama.do("POST", "/spaces", {"title": "  Kitchen\ntable "})

    assert card["title"] == "Kitchen table"
    assert card["state"] == "draft"
    assert (card["listen_policy"], card["speak_policy"], card["requests"]) == (
        "everyone",
        "invited",
        "everyone",
    )
    [seat] = card["stage"]
    assert (seat["person"]["id"], seat["role"], seat["muted"]) == (ama.id, "host", True)
    assert 1 <= seat["source"] < 2**32
    assert card["you"]["role"] == "host"
    assert card["created_at"].endswith("Z")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({}, "invalid"),
        ({"title": ""}, "invalid"),
        ({"title": "\u200b \u202e"}, "invalid"),
        ({"title": "x" * 71}, "invalid"),
        ({"title": "x", "topics": ["a", "b", "c", "d"]}, "invalid"),
        ({"title": "x", "languages": ["english please"]}, "invalid"),
        ({"title": "x", "description": "d" * 1001}, "invalid"),
        ({"title": "x", "listen_policy": "ticket"}, "policy_unavailable"),
        ({"title": "x", "speak_policy": "followers"}, "policy_unavailable"),
        ({"title": "x", "requests": "invited"}, "policy_unavailable"),
        ({"title": "x", "record": True}, "policy_unavailable"),
        ({"title": "x", "captions": True}, "policy_unavailable"),
    ],
)
async def test_what_a_space_cannot_be(sign_up: SignUp, words: dict[str, object], code: str) -> None:
    """Nothing is made of words that are not understood, or of what is not built."""
    ama = await sign_up("ama")

    assert await ama.refused("POST", "/spaces", words) == (422, code)
    assert (await ama.do("GET", "/spaces?state=draft"))["items"] == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{", (400, "bad_json")),
        (b"[" * 60_000, (400, "bad_request")),
        (b"\xff", (400, "bad_request")),
        (b'{"title": "\\ud800"}', (422, "invalid")),
        (b"[]", (422, "invalid")),
        (b"null", (422, "invalid")),
        (b"", (422, "invalid")),
    ],
)
async def test_bodies_that_are_none(
    sign_up: SignUp, content: bytes, expected: tuple[int, str]
) -> None:
    """Broken JSON is refused with words, never with a failure."""
    ama = await sign_up("ama")

    answer = await ama.ask(
        "POST", "/spaces", content=content, headers={"Content-Type": "application/json"}
    )

    assert (answer.status_code, answer.json()["code"]) == expected


async def test_nobody_else_knows_of_a_draft(
    sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """A draft looks like nothing at all, until somebody is invited."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    path = f"/spaces/{(await ama.do('POST', '/spaces', {'title': 'x'}))['id']}"

    for stranger in (ben, visitor()):
        assert await stranger.refused("GET", path) == (404, "space_not_found")
        assert await stranger.refused("GET", f"{path}/events") == (404, "space_not_found")
        offer = await stranger.ask("POST", f"{path}/call", content=OFFER, headers=SDP)
        assert offer.status_code == 404
    assert await ben.refused("POST", f"{path}/start") == (404, "space_not_found")
    assert await ben.refused("PUT", f"{path}/removals/{ama.id}") == (404, "space_not_found")

    await ama.do("PUT", f"{path}/invitations/@ben", {"role": "speaker"})
    assert (await ben.do("GET", path))["you"]["invitation"] == {"role": "speaker"}


async def test_a_life(sign_up: SignUp, engine: FakeEngine) -> None:
    """Draft, live, ended; each step twice is the same as once, and there is no way back."""
    ama = await sign_up("ama")
    path = f"/spaces/{(await ama.do('POST', '/spaces', {'title': 'x'}))['id']}"
    assert not engine.spaces

    for _ in range(2):
        assert (await ama.do("POST", f"{path}/start"))["state"] == "live"
        assert len(engine.spaces) == 1
    for _ in range(2):
        assert (await ama.do("POST", f"{path}/end"))["state"] == "ended"
        assert not engine.spaces
    assert await ama.refused("POST", f"{path}/start") == (409, "space_not_live")
    for method, rest in (
        ("POST", "/requests"),
        ("PUT", "/mutes"),
        ("DELETE", "/mutes/me"),
        ("PUT", "/removals/me"),
        ("DELETE", "/stage/me"),
    ):
        assert await ama.refused(method, path + rest) == (409, "space_not_live")


async def test_invitations_open_a_closed_space(
    open_table: OpenTable, sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """Invited to listen is let in; invited to speak may also sit down, once."""
    table = await open_table(listen_policy="invited")
    ben, chidi = await sign_up("ben"), await sign_up("chidi")
    await table.host.do("PUT", f"{table.path}/invitations/@ben", {"role": "listener"})
    await table.host.do("PUT", f"{table.path}/invitations/@chidi", {"role": "speaker"})

    await table.join(ben)
    await table.join(chidi)
    seat = {"role": "speaker"}
    assert await ben.refused("PUT", f"{table.path}/stage/me", seat) == (403, "ask_first")
    assert (await chidi.do("PUT", f"{table.path}/stage/me", seat))["role"] == "speaker"
    await chidi.do("DELETE", f"{table.path}/stage/me")
    assert await chidi.refused("PUT", f"{table.path}/stage/me", seat) == (403, "ask_first")
    you = (await chidi.do("GET", table.path))["you"]
    assert (you["may_listen"], you["may_take_seat"], you["invitation"]) == (
        True,
        False,
        {"role": "listener"},
    )
    outside = (await visitor().do("GET", table.path))["you"]
    assert outside["may_listen"] is False


async def test_guests_cannot_be_invited_to_speak(
    open_table: OpenTable, visitor: Callable[[], Browser]
) -> None:
    """Whoever speaks has an account."""
    table = await open_table()
    guest = visitor()
    await table.join(guest)

    for path, body in (
        (f"{table.path}/invitations/{guest.id}", {"role": "speaker"}),
        (f"{table.path}/stage/{guest.id}", {"role": "speaker"}),
    ):
        assert await table.host.refused("PUT", path, body) == (403, "guest")


async def test_a_hostless_space_goes_to_the_co_host(
    open_table: OpenTable, sign_up: SignUp, instance: Instance, clock: ManualClock
) -> None:
    """After ten minutes without its host a space has the co-host who sat down first."""
    table = await open_table()
    ben, chidi = await sign_up("ben"), await sign_up("chidi")
    for person in (ben, chidi):
        await table.join(person)
        await table.seat(person, "co_host")
    for call in instance.calls.registry.of_person(table.id, table.host.id):
        await instance.calls.end(call)

    clock.advance(599)
    await instance.sweep()
    assert (await ben.do("GET", table.path))["host"]["id"] == table.host.id
    clock.advance(1)
    await instance.sweep()

    card = await ben.do("GET", table.path)
    assert card["host"]["id"] == ben.id
    assert [(s["person"]["id"], s["role"]) for s in card["stage"]] == [
        (ben.id, "host"),
        (chidi.id, "co_host"),
    ]
    assert (await table.host.do("GET", table.path))["you"]["role"] == "listener"


async def test_a_hostless_space_without_a_co_host_ends(
    open_table: OpenTable,
    sign_up: SignUp,
    instance: Instance,
    clock: ManualClock,
    engine: FakeEngine,
) -> None:
    """Nobody is left who could hold it, so everybody sees the end."""
    table = await open_table()
    ben = await sign_up("ben")
    await table.join(ben)
    await table.seat(ben)
    for call in instance.calls.registry.of_person(table.id, table.host.id):
        await instance.calls.end(call)

    clock.advance(600)
    await instance.sweep()

    assert (await ben.do("GET", table.path))["state"] == "ended"
    assert not engine.peers


async def test_a_full_stage_and_a_full_queue(
    open_table: OpenTable, sign_up: SignUp, settings: Settings
) -> None:
    """The eleventh speaker and the third co-host are told that no seat is free."""
    table = await open_table(speak_policy="everyone")
    speakers = [await sign_up(f"speaker_{n}") for n in range(settings.max_speakers + 1)]
    for speaker in speakers[:-1]:
        await speaker.do("PUT", f"{table.path}/stage/me", {"role": "speaker"})

    last = speakers[-1]
    assert await last.refused("PUT", f"{table.path}/stage/me", {"role": "speaker"}) == (
        409,
        "stage_full",
    )
    await last.do("POST", f"{table.path}/requests")
    assert await table.host.refused("POST", f"{table.path}/requests/{last.id}/accept") == (
        409,
        "stage_full",
    )
    for speaker in speakers[: settings.max_co_hosts]:
        await table.host.do("PUT", f"{table.path}/stage/{speaker.id}", {"role": "co_host"})
    third = speakers[settings.max_co_hosts]
    assert await table.host.refused(
        "PUT", f"{table.path}/stage/{third.id}", {"role": "co_host"}
    ) == (409, "stage_full")


async def test_asking_twice_keeps_the_place(open_table: OpenTable, sign_up: SignUp) -> None:
    """A double click, or a better note, does not send anybody back in the line."""
    table = await open_table()
    ben, chidi = await sign_up("ben"), await sign_up("chidi")

    first = await ben.ask("POST", f"{table.path}/requests", json={"note": "one"})
    await chidi.do("POST", f"{table.path}/requests", {"note": "two"})
    again = await ben.ask("POST", f"{table.path}/requests", json={"note": "three"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert (again.json()["place"], again.json()["note"]) == (1, "three")
    await table.host.do("POST", f"{table.path}/requests/@ben/later")
    assert (await ben.do("GET", table.path))["you"]["request"]["place"] == 2
    assert await ben.refused("POST", f"{table.path}/requests", {"note": "x" * 141}) == (
        422,
        "invalid",
    )
    await table.host.do("PATCH", table.path, {"requests": "off"})
    dora = await sign_up("dora")
    assert await dora.refused("POST", f"{table.path}/requests") == (403, "requests_off")


async def test_inviting_all_the_time_is_held_up(
    open_table: OpenTable, sign_up: SignUp, instance: Instance, clock: ManualClock
) -> None:
    """Each invitation tells somebody: one person sends so many at once, and then one by one."""
    table = await open_table()
    await sign_up("ben")
    path, body = f"{table.path}/invitations/@ben", {"role": "listener"}
    for _ in range(instance.settings.invites_burst):
        await table.host.do("PUT", path, body)

    answer = await table.host.ask("PUT", path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (429, "slow_down")
    assert answer.headers["Retry-After"] == "5"
    clock.advance(5)
    await table.host.do("PUT", path, body)
