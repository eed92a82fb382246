"""Who follows, blocks and mutes whom, and what each may know of the other."""

from collections.abc import Callable

import pytest

from convivium.app import Instance
from convivium.core.bus import Fact
from convivium.relationships import service
from convivium.relationships.events import (
    Blocked,
    Followed,
    RelationshipFact,
    Unblocked,
    Unfollowed,
)
from tests.conftest import Browser, SignUp

NOTHING = dict.fromkeys(("follows", "followed_by", "blocks", "mutes", "asked", "bell"), False)


@pytest.fixture
def announced(instance: Instance) -> list[Fact]:
    """What relationships announces."""
    facts: list[Fact] = []

    async def note(fact: RelationshipFact) -> None:
        facts.append(fact)

    instance.bus.after(RelationshipFact, note)
    return facts


async def test_following_is_counted_and_seen_from_both_sides(
    sign_up: SignUp, announced: list[Fact]
) -> None:
    """Twice is the same as once, and both profiles tell."""
    ama, chidi = await sign_up("ama"), await sign_up("chidi")
    for _ in range(2):
        await ama.do("PUT", "/people/@chidi/follow")

    assert await ama.do("GET", "/people/@chidi") == {
        "id": chidi.id,
        "name": "chidi",
        "display_name": "Chidi",
        "relation": NOTHING | {"follows": True},
        "followers": 1,
        "follows": 0,
        "protected": False,
        "bio": "",
        "links": [],
        "topics": [],
        "since": "2026-01-01",
    }
    assert (await chidi.do("GET", "/people/@ama"))["relation"] == NOTHING | {"followed_by": True}
    assert (await ama.do("GET", "/people/me"))["relation"] is None

    for _ in range(2):
        await ama.do("DELETE", "/people/@chidi/follow")

    assert (await ama.do("GET", "/people/@chidi"))["followers"] == 0
    assert announced == [Followed(ama.id, chidi.id), Unfollowed(ama.id, chidi.id)]


async def test_a_block_ends_following_both_ways(sign_up: SignUp, announced: list[Fact]) -> None:
    """Neither follows the other any more, and lifting the block brings nothing back."""
    ama, chidi = await sign_up("ama"), await sign_up("chidi")
    await ama.do("PUT", "/people/@chidi/follow")
    await chidi.do("PUT", "/people/@ama/follow")
    announced.clear()

    await ama.do("PUT", "/people/@chidi/block")

    assert announced == [
        Unfollowed(ama.id, chidi.id),
        Unfollowed(chidi.id, ama.id),
        Blocked(ama.id, chidi.id),
    ]
    assert (await ama.do("GET", "/people/@chidi"))["relation"] == NOTHING | {"blocks": True}
    assert await ama.refused("PUT", "/people/@chidi/follow") == (409, "unblock_first")
    await ama.do("DELETE", "/people/@chidi/block")
    assert announced[-1] == Unblocked(ama.id, chidi.id)
    assert (await chidi.do("GET", "/people/@ama"))["relation"] == NOTHING


async def test_whoever_is_blocked_finds_nobody(sign_up: SignUp) -> None:
    """They are answered as if there were nobody by this name, and may block in turn."""
    ama, chidi = await sign_up("ama"), await sign_up("chidi")
    await ama.do("PUT", "/people/@chidi/block")

    nobody = await chidi.refused("GET", "/people/@nobody_here")
    assert await chidi.refused("GET", "/people/@ama") == nobody == (404, "person_not_found")
    assert await chidi.refused("PUT", "/people/@ama/follow") == nobody
    assert (await chidi.do("GET", f"/people?ids={ama.id}"))["items"] == []
    await chidi.do("PUT", "/people/@ama/block")
    await ama.do("DELETE", "/people/@chidi/block")
    assert await ama.refused("GET", "/people/@chidi") == nobody


async def test_lists_of_blocked_and_muted_are_ones_own(sign_up: SignUp) -> None:
    """They come in pages, the latest first, and nobody else's can be asked for."""
    ama = await sign_up("ama")
    names = ["one", "two", "three"]
    for name in names:
        await sign_up(name)
        await ama.do("PUT", f"/people/@{name}/block")
    await ama.do("PUT", "/people/@one/mute")

    first = await ama.do("GET", "/people/me/blocks?limit=2")
    second = await ama.do("GET", f"/people/me/blocks?limit=2&cursor={first['next_cursor']}")

    assert [person["name"] for person in first["items"] + second["items"]] == names[::-1]
    assert second["next_cursor"] is None
    assert [p["name"] for p in (await ama.do("GET", "/people/me/mutes"))["items"]] == ["one"]
    assert (await ama.ask("GET", "/people/@one/blocks")).status_code == 404


async def test_a_mute_is_known_to_oneself_only(sign_up: SignUp, announced: list[Fact]) -> None:
    """Nothing is announced, and the other's page says nothing."""
    ama, chidi = await sign_up("ama"), await sign_up("chidi")
    await ama.do("PUT", "/people/@chidi/mute")

    assert (await ama.do("GET", "/people/@chidi"))["relation"] == NOTHING | {"mutes": True}
    assert (await chidi.do("GET", "/people/@ama"))["relation"] == NOTHING
    assert announced == []
    await ama.do("DELETE", "/people/@chidi/mute")
    assert (await ama.do("GET", "/people/@chidi"))["relation"] == NOTHING


async def test_several_people_are_asked_about_at_once(sign_up: SignUp) -> None:
    """In the order of the ids, without those nobody knows."""
    ama, chidi, efua = await sign_up("ama"), await sign_up("chidi"), await sign_up("efua")
    await ama.do("PUT", "/people/@efua/mute")
    await chidi.do("PUT", "/people/@ama/follow")

    found = await ama.do("GET", f"/people?ids={efua.id},unknown,{chidi.id},{efua.id}")

    assert [(p["name"], p["relation"]) for p in found["items"]] == [
        ("efua", NOTHING | {"mutes": True}),
        ("chidi", NOTHING | {"followed_by": True}),
    ]


@pytest.mark.parametrize("word", ["follow", "block", "mute"])
async def test_what_cannot_be_said(
    word: str, sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """Nothing about oneself, nothing without an account, nothing about nobody."""
    ama, nobody = await sign_up("ama"), visitor()

    assert await ama.refused("PUT", f"/people/me/{word}") == (409, "about_oneself")
    assert await ama.refused("PUT", f"/people/@none/{word}") == (404, "person_not_found")
    assert await nobody.refused("PUT", f"/people/@ama/{word}") == (401, "not_signed_in")


@pytest.mark.parametrize("word", ["follow", "block", "mute"])
async def test_lists_are_bounded(
    word: str, sign_up: SignUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One too many is refused in words; what is there already can be said again."""
    monkeypatch.setattr(service, "MOST", 2)
    ama = await sign_up("ama")
    for name in ("one", "two", "three"):
        await sign_up(name)
    for name in ("one", "two", "two"):
        await ama.do("PUT", f"/people/@{name}/{word}")

    assert await ama.refused("PUT", f"/people/@three/{word}") == (409, "too_many")
    await ama.do("DELETE", f"/people/@one/{word}")
    await ama.do("PUT", f"/people/@three/{word}")


async def test_one_person_can_say_so_much_in_a_while(sign_up: SignUp, instance: Instance) -> None:
    """Too much at once is answered with the time to wait."""
    ama = await sign_up("ama")
    await sign_up("chidi")
    for _ in range(instance.settings.acts_burst):
        await ama.do("PUT", "/people/@chidi/mute")

    answer = await ama.ask("PUT", "/people/@chidi/mute")

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1"
