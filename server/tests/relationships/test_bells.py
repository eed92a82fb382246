"""The bell of a host whom one follows: who is told when they go live, and who is not any more."""

import pytest

from convivium.app import Instance
from tests.conftest import Browser, SignUp


@pytest.fixture
async def ama(sign_up: SignUp) -> Browser:
    return await sign_up("ama")


@pytest.fixture
async def ben(sign_up: SignUp) -> Browser:
    return await sign_up("ben")


async def go_live(instance: Instance, host: Browser, **words: object) -> None:
    card = await host.do("POST", "/spaces", {"title": "Kitchen table", **words})
    await host.do("POST", f"/spaces/{card['id']}/start")
    await instance.jobs.run_due()


async def kinds(browser: Browser) -> list[str]:
    return [item["kind"] for item in (await browser.do("GET", "/notifications"))["items"]]


async def has_bell(browser: Browser) -> bool:
    relation = (await browser.do("GET", "/people/@ama"))["relation"]
    return bool(relation["bell"])


async def test_the_bell_calls_when_the_host_goes_live(
    instance: Instance, ama: Browser, ben: Browser, sign_up: SignUp
) -> None:
    """Also to what nobody scheduled; who only follows is not called, nor the host."""
    eve = await sign_up("eve")
    for browser in (ben, eve):
        await browser.do("PUT", "/people/@ama/follow")
    await ben.do("PUT", "/people/@ama/bell")
    await go_live(instance, ama)

    [item] = (await ben.do("GET", "/notifications"))["items"]
    assert (item["kind"], item["space"]["title"]) == ("started", "Kitchen table")
    assert [person["name"] for person in item["people"]] == ["ama"]
    assert await kinds(eve) == []
    assert "started" not in await kinds(ama)


async def test_it_takes_following(ama: Browser, ben: Browser) -> None:
    """And is seen in how one stands to them; twice is once."""
    assert await ben.refused("PUT", "/people/@ama/bell") == (409, "bell_without_follow")
    assert await ama.refused("PUT", "/people/@ama/bell") == (409, "about_oneself")
    await ben.do("PUT", "/people/@ama/follow")
    assert not await has_bell(ben)
    for _ in range(2):
        await ben.do("PUT", "/people/@ama/bell")
    assert await has_bell(ben)
    for _ in range(2):
        await ben.do("DELETE", "/people/@ama/bell")

    assert not await has_bell(ben)


@pytest.mark.parametrize("end", ["unfollow", "block", "blocked", "bell"])
async def test_it_ends_with_following(
    instance: Instance, ama: Browser, ben: Browser, end: str
) -> None:
    """However that ended."""
    await ben.do("PUT", "/people/@ama/follow")
    await ben.do("PUT", "/people/@ama/bell")
    if end == "blocked":
        await ama.do("PUT", "/people/@ben/block")
        await ama.do("DELETE", "/people/@ben/block")
    elif end == "block":
        await ben.do("PUT", "/people/@ama/block")
        await ben.do("DELETE", "/people/@ama/block")
    else:
        await ben.do("DELETE", f"/people/@ama/{end.removeprefix('un')}")
    assert not await has_bell(ben)
    await go_live(instance, ama)

    assert await kinds(ben) == []


async def test_nobody_is_called_to_a_closed_door(
    instance: Instance, ama: Browser, ben: Browser, sign_up: SignUp
) -> None:
    """Whom a space does not let in is not told of it."""
    eve = await sign_up("eve")
    for browser in (ben, eve):
        await browser.do("PUT", "/people/@ama/follow")
        await browser.do("PUT", "/people/@ama/bell")
    await ama.do("PUT", "/people/@eve/follow")
    await go_live(instance, ama, listen_policy="followed")

    assert await kinds(ben) == []
    assert "started" in await kinds(eve)


async def test_who_hears_of_a_scheduled_one(instance: Instance, ama: Browser, ben: Browser) -> None:
    """The bell calls at the start; that it moved is for those who asked about it."""
    await ben.do("PUT", "/people/@ama/follow")
    await ben.do("PUT", "/people/@ama/bell")
    card = await ama.do("POST", "/spaces", {"title": "Bread", "starts_at": "2026-01-02T19:30:00Z"})
    await ama.do("PATCH", f"/spaces/{card['id']}", {"starts_at": "2026-01-02T20:30:00Z"})
    await instance.jobs.run_due()
    assert await kinds(ben) == []
    await ama.do("POST", f"/spaces/{card['id']}/start")
    await instance.jobs.run_due()

    assert await kinds(ben) == ["started"]
