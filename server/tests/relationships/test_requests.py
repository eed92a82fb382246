"""Following those who are protected: asking, waiting, and what becomes of it."""

from datetime import timedelta

import pytest

from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.notifications import rules
from convivium.relationships import requests, service
from tests.conftest import Browser, SignUp
from tests.notifications.test_posts import told


async def stands(browser: Browser, other: Browser) -> set[str]:
    """Tell how somebody stands to another, in the words that are true."""
    profile = await browser.do("GET", f"/people/{other.id}")
    return {word for word, so in profile["relation"].items() if so}


async def waiting(browser: Browser) -> list[str]:
    """List who waits for somebody's answer."""
    page = await browser.do("GET", "/people/me/follow-requests")
    return [person["name"] for person in page["items"]]


@pytest.fixture
async def ama(sign_up: SignUp) -> Browser:
    """Somebody who is protected."""
    browser = await sign_up("ama")
    await browser.do("PATCH", "/me", {"protected": True})
    return browser


async def test_who_is_protected_is_asked(ama: Browser, sign_up: SignUp) -> None:
    """Asking twice is asking once; nobody follows before the yes."""
    ben = await sign_up("ben")
    for _ in range(2):
        await ben.do("PUT", "/people/@ama/follow")
    profile = await ben.do("GET", "/people/@ama")
    assert (profile["protected"], profile["followers"]) == (True, 0)
    assert await stands(ben, ama) == {"asked"}
    assert await waiting(ama) == ["ben"]
    assert await told(ama) == [("follow_asked", ["ben"], 1)]


async def test_a_yes_makes_a_follower(ama: Browser, sign_up: SignUp) -> None:
    """Who asked is told; who said yes need not be."""
    ben = await sign_up("ben")
    await ben.do("PUT", "/people/@ama/follow")
    await ama.do("PUT", "/people/me/follow-requests/@ben")

    assert await stands(ben, ama) == {"follows"}
    assert await waiting(ama) == []
    assert await told(ben) == [("follow_accepted", ["ama"], 1)]
    assert await told(ama) == []
    answered = await ama.refused("PUT", "/people/me/follow-requests/@ben")
    assert answered == (404, "follow_request_not_found")


async def test_a_no_is_not_told(ama: Browser, sign_up: SignUp, clock: ManualClock) -> None:
    """Who was declined goes on waiting as far as they know, and may ask anew after a month."""
    ben = await sign_up("ben")
    await ben.do("PUT", "/people/@ama/follow")
    await ama.do("DELETE", "/people/me/follow-requests/@ben")

    async def ask_again() -> list[str]:
        await ben.do("DELETE", "/people/@ama/follow")
        assert await stands(ben, ama) == set()
        await ben.do("PUT", "/people/@ama/follow")
        assert await stands(ben, ama) == {"asked"}
        return await waiting(ama)

    assert await told(ben) == []
    assert await ask_again() == []
    assert await told(ama) == []
    half_s = requests.ASKED_AGAIN / timedelta(seconds=2)
    clock.advance(half_s)
    for browser in (ama, ben):
        await browser.do("GET", "/me")  # who is seen stays signed in
    clock.advance(half_s - 1)
    assert await ask_again() == []
    clock.advance(1)
    assert await ask_again() == ["ben"]
    assert await told(ama) == [("follow_asked", ["ben"], 1)]


async def test_a_request_can_be_taken_back(ama: Browser, sign_up: SignUp) -> None:
    """And is not there to be answered then."""
    ben = await sign_up("ben")
    await ben.do("PUT", "/people/@ama/follow")
    await ben.do("DELETE", "/people/@ama/follow")
    assert await waiting(ama) == []
    assert await told(ama) == []
    for method in ("PUT", "DELETE"):
        answered = await ama.refused(method, "/people/me/follow-requests/@ben")
        assert answered == (404, "follow_request_not_found")


@pytest.mark.parametrize("who", ["ama", "ben"])
async def test_a_block_forgets_what_was_asked(ama: Browser, sign_up: SignUp, who: str) -> None:
    """Whoever of the two blocks."""
    ben = await sign_up("ben")
    await ben.do("PUT", "/people/@ama/follow")
    blocking, other = (ama, ben) if who == "ama" else (ben, ama)
    await blocking.do("PUT", f"/people/@{other.name}/block")
    await blocking.do("DELETE", f"/people/@{other.name}/block")
    assert await waiting(ama) == []
    assert await stands(ben, ama) == set()


async def test_an_open_account_lets_all_in(
    ama: Browser, sign_up: SignUp, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody who waits, however many; not those who were declined."""
    monkeypatch.setattr(requests, "LET_IN_AT_ONCE", 2)
    for number in range(5):
        await (await sign_up(f"ben{number}")).do("PUT", "/people/@ama/follow")
    eve = await sign_up("eve")
    await eve.do("PUT", "/people/@ama/follow")
    await ama.do("DELETE", "/people/me/follow-requests/@eve")

    await ama.do("PATCH", "/me", {"protected": False})
    await instance.jobs.run_due()

    assert (await ama.do("GET", "/people/me"))["followers"] == 5
    assert await waiting(ama) == []
    await eve.do("PUT", "/people/@ama/follow")
    assert await stands(eve, ama) == {"follows"}


async def test_who_is_closed_again_lets_nobody_in(
    ama: Browser, sign_up: SignUp, instance: Instance
) -> None:
    """What was put off is not done to somebody who thought better of it."""
    await (await sign_up("ben")).do("PUT", "/people/@ama/follow")
    for protected in (False, True):
        await ama.do("PATCH", "/me", {"protected": protected})
    await instance.jobs.run_due()
    assert await waiting(ama) == ["ben"]


async def test_nobody_answers_for_another(ama: Browser, sign_up: SignUp) -> None:
    """One's own requests are the only ones there are."""
    ben, eve = await sign_up("ben"), await sign_up("eve")
    await ben.do("PUT", "/people/@ama/follow")
    answered = await eve.refused("PUT", "/people/me/follow-requests/@ben")
    assert answered == (404, "follow_request_not_found")
    assert await waiting(eve) == []
    assert await waiting(ama) == ["ben"]


async def test_lists_come_in_pages(ama: Browser, sign_up: SignUp) -> None:
    """The latest first, with an end."""
    for name in ("one", "two", "three"):
        await (await sign_up(name)).do("PUT", "/people/@ama/follow")
    first = await ama.do("GET", "/people/me/follow-requests?limit=2")
    rest = await ama.do("GET", f"/people/me/follow-requests?cursor={first['next_cursor']}")
    names = [person["name"] for person in first["items"] + rest["items"]]
    assert (names, rest["next_cursor"]) == (["three", "two", "one"], None)


@pytest.mark.usefixtures("ama")
async def test_asking_counts_as_following(sign_up: SignUp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or everybody who says yes would make it more than one may."""
    monkeypatch.setattr(service, "MOST", 1)
    ben = await sign_up("ben")
    await sign_up("eve")
    await ben.do("PUT", "/people/@ama/follow")
    assert await ben.refused("PUT", "/people/@eve/follow") == (409, "too_many")


async def test_of_very_many_none_is_left_behind(
    ama: Browser, sign_up: SignUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those who are only counted are answered too, and then nobody is said to ask."""
    monkeypatch.setattr(rules, "KEPT_PEOPLE", 1)
    for name in ("one", "two", "three"):
        await (await sign_up(name)).do("PUT", "/people/@ama/follow")
    for name in ("three", "two", "one"):
        assert await told(ama)
        await ama.do("PUT", f"/people/me/follow-requests/@{name}")
    assert await told(ama) == []
