"""Who may host here: followers, groups and shares, the list of those exempt, protected accounts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from convivium.accounts import groups, joining
from convivium.accounts import service as accounts
from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.core.config import Settings, WrongSetting, read_settings
from convivium.spaces.hosting import has_hosting
from tests.conftest import PASSWORD, Browser, SignUp
from tests.databases import Beginning

NEW = {"title": "Kitchen table"}


@pytest.fixture
def settings(
    data_folder: Path, empty_database: Beginning, request: pytest.FixtureRequest
) -> Settings:
    return empty_database.settings(data_folder, **getattr(request, "param", {}))


def with_settings(**words: object) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("settings", [words], indirect=True)


@with_settings(min_followers_to_host=3)
async def test_it_takes_so_many_followers(sign_up: SignUp) -> None:
    """As many as are set are enough, one less is not; the refusal says how many are missing."""
    ama = await sign_up("ama")
    for name in ("one", "two"):
        await (await sign_up(name)).do("PUT", "/people/@ama/follow")
    refused = await ama.ask("POST", "/spaces", json=NEW)
    assert (refused.status_code, refused.json()["code"]) == (403, "too_few_followers")
    assert "3 followers" in refused.json()["detail"]
    assert "you have 2" in refused.json()["detail"]

    three = await sign_up("three")
    await three.do("PUT", "/people/@ama/follow")
    card = await ama.do("POST", "/spaces", NEW)
    await three.do("DELETE", "/people/@ama/follow")

    assert await ama.refused("POST", f"/spaces/{card['id']}/start") == (403, "too_few_followers")
    assert (await ama.do("GET", f"/spaces/{card['id']}"))["state"] == "draft"


@with_settings(min_followers_to_host=600, hosts=("ama",), hosting_groups=("everyone:0",))
async def test_whoever_is_named_needs_nothing(sign_up: SignUp) -> None:
    """The list of the operator outweighs followers and groups, but not the own protection."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    await ama.do("POST", "/spaces", NEW)
    assert await ben.refused("POST", "/spaces", NEW) == (403, "hosting_not_yet")

    assert (await ama.do("PATCH", "/me", {"protected": True}))["protected"]

    assert await ama.refused("POST", "/spaces", NEW) == (403, "protected_cannot_host")
    await ama.do("PATCH", "/me", {"protected": False})
    await ama.do("POST", "/spaces", NEW)


@with_settings(hosting_groups=("everyone:0", "first:100"))
async def test_hosting_is_given_to_a_group_first(sign_up: SignUp, instance: Instance) -> None:
    """Whoever is put into it may host at once, and no more when taken out."""
    ama = await sign_up("ama")
    assert await ama.refused("POST", "/spaces", NEW) == (403, "hosting_not_yet")
    async with instance.transactions.begin() as tx:
        await groups.add(tx, "first", "@ama")
    await ama.do("POST", "/spaces", NEW)
    async with instance.transactions.begin() as tx:
        await groups.remove(tx, "first", "ama")
    assert await ama.refused("POST", "/spaces", NEW) == (403, "hosting_not_yet")


def test_a_share_grows_and_nobody_loses_it() -> None:
    """So many of a hundred have it, always the same, and with a larger share those and more."""
    people = [f"person {number}" for number in range(2000)]
    before: set[str] = set()
    for percent in (0, 5, 25, 100):
        shares = Settings(hosting_groups=(f"everyone:{percent}",))
        now = {person for person in people if has_hosting(person, (), shares)}
        assert before <= now
        assert abs(len(now) / len(people) * 100 - percent) < 3
        before = now


@pytest.mark.parametrize("share", ["everyone", "everyone:101", ":5", "everyone:x"])
def test_a_share_that_is_none(share: str, tmp_path: Path) -> None:
    """The server says which part of the setting it cannot read."""
    with pytest.raises(WrongSetting, match="is not group:percent"):
        read_settings(data=tmp_path, hosting_groups=share)


async def sign_up_with(browser: Browser, name: str, **more: object) -> tuple[int, str]:
    body = {"name": name, "password": PASSWORD, **more}
    answer = await browser.ask("POST", "/accounts", json=body)
    return answer.status_code, "" if answer.is_success else answer.json()["code"]


@with_settings(sign_up="closed")
async def test_where_nobody_signs_up(visitor: Callable[[], Browser], instance: Instance) -> None:
    """Only the operator's one-time link makes an account, and listening goes on."""
    assert await sign_up_with(visitor(), "ama", invitation="x") == (403, "sign_up_closed")
    async with instance.transactions.begin() as tx:
        invite = await accounts.invite_admin(tx)
    assert await sign_up_with(visitor(), "ama", invite="wrong") == (403, "invite_used")
    assert await sign_up_with(visitor(), "ama", invite=invite) == (201, "")


@with_settings(sign_up="invitation")
async def test_codes_are_used_up_and_grow_old(
    visitor: Callable[[], Browser], instance: Instance, clock: ManualClock
) -> None:
    """A code lets in as many as it was made for; a name that is taken uses none."""
    assert await sign_up_with(visitor(), "ama") == (403, "invitation_needed")
    async with instance.transactions.begin() as tx:
        _, code = await joining.invite(tx, uses=2, days=7)
        _, old = await joining.invite(tx, uses=2, days=1)
    assert await sign_up_with(visitor(), "ama", invitation="wrong") == (403, "invitation_spent")
    assert await sign_up_with(visitor(), "ama", invitation=code) == (201, "")
    assert await sign_up_with(visitor(), "ama", invitation=code) == (409, "name_taken")
    assert await sign_up_with(visitor(), "ben", invitation=f" {code} ") == (201, "")
    assert await sign_up_with(visitor(), "chidi", invitation=code) == (403, "invitation_spent")
    clock.advance(25 * 3600)
    assert await sign_up_with(visitor(), "chidi", invitation=old) == (403, "invitation_spent")
