"""Codes with which people sign up: made, counted, ended, and who came by which."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from convivium.accounts import invitations
from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from tests.conftest import PASSWORD, Appoint, Browser, SignUp
from tests.databases import Beginning

Visit = Callable[[], Browser]
DAY_S = 24 * 3600


@pytest.fixture
def settings(
    data_folder: Path, empty_database: Beginning, request: pytest.FixtureRequest
) -> Settings:
    words: dict[str, Any] = getattr(request, "param", {})
    return empty_database.settings(data_folder, **words)


def with_settings(**words: object) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("settings", [words], indirect=True)


@pytest.fixture
async def ada(appoint: Appoint) -> Browser:
    return await appoint("ada", "admin")


async def come(visitor: Visit, name: str, code: str) -> tuple[int, str]:
    body = {"name": name, "password": PASSWORD, "invitation": code}
    answer = await visitor().ask("POST", "/accounts", json=body)
    return answer.status_code, "" if answer.is_success else answer.json()["code"]


async def test_one_sees_who_came_by_which(ada: Browser, visitor: Visit) -> None:
    """How many can still come, what it was for; the code itself is told once and never again."""
    words = {"uses": 3, "days": 2, "note": "The choir"}
    made = await ada.do("POST", "/admin/invitations", words)
    code, one = made["code"], made["invitation"]
    assert await come(visitor, "ben", code) == (201, "")
    assert await come(visitor, "chidi", code) == (201, "")

    page = await ada.do("GET", "/admin/invitations")

    assert code not in str(page)
    [shown] = page["items"]
    assert (shown["note"], shown["uses"], shown["uses_left"]) == ("The choir", 3, 1)
    assert (shown["by"]["name"], shown["is_open"]) == ("ada", True)
    came = await ada.do("GET", f"/admin/invitations/{one['id']}/people")
    assert {person["name"] for person in came["items"]} == {"ben", "chidi"}
    account = await ada.do("GET", "/admin/people/@ben")
    assert account["invited"]["person"]["name"] == "ada"


async def test_who_came_comes_in_pages(ada: Browser, visitor: Visit) -> None:
    """Nobody is missed, and nobody there twice."""
    made = await ada.do("POST", "/admin/invitations", {"uses": 5})
    for name in ("ben", "chidi", "dan"):
        await come(visitor, name, made["code"])
    path = f"/admin/invitations/{made['invitation']['id']}/people?limit=2"

    first = await ada.do("GET", path)
    rest = await ada.do("GET", f"{path}&cursor={first['next_cursor']}")

    assert rest["next_cursor"] is None
    assert sorted(p["name"] for p in first["items"] + rest["items"]) == ["ben", "chidi", "dan"]


@with_settings(sign_up="invitation")
async def test_an_ended_one_lets_nobody_in(instance: Instance, visitor: Visit) -> None:
    """Asked again it stays so; it is written down once."""
    ada = await administrator(instance, visitor)
    made = await ada.do("POST", "/admin/invitations", {"uses": 3})
    path = f"/admin/invitations/{made['invitation']['id']}"

    for _ in range(2):
        await ada.do("DELETE", path)

    assert await come(visitor, "ben", made["code"]) == (403, "invitation_spent")
    [shown] = (await ada.do("GET", "/admin/invitations"))["items"]
    assert (shown["is_open"], shown["uses_left"]) == (False, 3)
    acts = [one["act"] for one in (await ada.do("GET", "/moderation/log"))["entries"]]
    assert acts == ["sign_up_invitation_ended", "sign_up_invitation_made"]
    unknown = await ada.refused("DELETE", "/admin/invitations/4711")
    assert unknown == (404, "sign_up_invitation_not_found")


async def administrator(instance: Instance, visitor: Visit) -> Browser:
    """Make one where nobody signs up just so."""
    from convivium.accounts import service  # noqa: PLC0415

    async with instance.transactions.begin() as tx:
        hashed = await instance.passwords.hash(PASSWORD)
        await service.sign_up(tx, name="ada", password_hash=hashed, role="admin")
    browser = visitor()
    await browser.do("POST", "/sessions", {"name": "ada", "password": PASSWORD})
    return browser


@pytest.mark.parametrize(
    "words", [{"uses": 0}, {"uses": 1001}, {"days": 0}, {"days": 366}, {"note": "x" * 101}]
)
async def test_it_has_its_measure(ada: Browser, words: dict[str, object]) -> None:
    """Of people, of days, of words."""
    assert await ada.refused("POST", "/admin/invitations", words) == (422, "invalid")


async def test_not_endlessly_many_are_open(ada: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever ends one can make another."""
    monkeypatch.setattr(invitations, "OPEN_MAX", 2)
    made = [await ada.do("POST", "/admin/invitations", {}) for _ in range(2)]
    assert await ada.refused("POST", "/admin/invitations", {}) == (409, "too_many_invitations")

    await ada.do("DELETE", f"/admin/invitations/{made[0]['invitation']['id']}")

    await ada.do("POST", "/admin/invitations", {})


async def test_members_invite_nobody_unless_it_is_set(sign_up: SignUp) -> None:
    """And look at no list but their own."""
    ben = await sign_up("ben")

    assert await ben.do("GET", "/me/invitations") == {"items": [], "left": 0}

    assert await ben.refused("POST", "/me/invitations") == (409, "too_many_invitations")
    assert await ben.refused("GET", "/admin/invitations") == (403, "staff_only")


@with_settings(member_invitations=2)
async def test_a_member_brings_so_many(sign_up: SignUp, visitor: Visit, clock: ManualClock) -> None:
    """What is used is used; what ends unused comes back. Nobody ends another's."""
    ben, other = await sign_up("ben"), await sign_up("other")
    first = await ben.do("POST", "/me/invitations")
    second = await ben.do("POST", "/me/invitations")
    assert (await ben.do("GET", "/me/invitations"))["left"] == 0
    assert await ben.refused("POST", "/me/invitations") == (409, "too_many_invitations")
    path = f"/me/invitations/{second['invitation']['id']}"
    assert await other.refused("DELETE", path) == (404, "sign_up_invitation_not_found")
    assert (await other.do("GET", "/me/invitations"))["items"] == []

    await ben.do("DELETE", path)
    assert (await ben.do("GET", "/me/invitations"))["left"] == 1
    assert await come(visitor, "chidi", first["code"]) == (201, "")
    clock.advance(15 * DAY_S)

    assert (await ben.do("GET", "/me/invitations"))["left"] == 1
