"""What there is for everyone: featured, lively, soon, topics, languages, and people."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from convivium.core.config import Settings
from tests.conftest import Appoint, Browser, OpenTable, SignUp
from tests.databases import Beginning
from tests.search.looking import space

Json = dict[str, Any]


@pytest.fixture
def settings(data_folder: Path, empty_database: Beginning) -> Settings:
    return empty_database.settings(data_folder, searches_burst=1000)


async def titles(browser: Browser, part: str) -> list[str]:
    """List the titles of a part of the page."""
    return [card["title"] for card in (await browser.do("GET", "/explore"))[part]]


async def test_live_ones_with_most_people_come_first(
    open_table: OpenTable, sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """Then those that began last; and what starts soon, as it will."""
    table = await open_table("ama")
    ben = await sign_up("ben")
    await space(ben, "Quiet")
    await space(ben, "Later", "scheduled", starts_at="2026-01-02T12:30:00Z")
    await space(ben, "Soon", "scheduled", starts_at="2026-01-01T19:30:00Z")
    await space(ben, "Far", "scheduled", starts_at="2026-01-09T19:30:00Z")
    await table.join(visitor())

    assert await titles(visitor(), "lively") == ["Kitchen table", "Quiet"]
    assert await titles(visitor(), "soon") == ["Soon", "Later"]
    assert await titles(visitor(), "featured") == []


async def test_topics_and_languages_are_counted_where_one_may_listen(
    sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """What one may not know of is in no number."""
    ama, zoe = await sign_up("ama"), await sign_up("zoe")
    await space(ama, "One", topics=["Food", "Art"], languages=["de", "en"])
    await space(ama, "Two", "scheduled", topics=["Food"], languages=["de"])
    await space(ama, "Hidden", topics=["Food", "Secret"], languages=["eo"], listen_policy="invited")

    for browser in (zoe, visitor()):
        page = await browser.do("GET", "/explore")
        assert page["topics"] == [{"topic": "Food", "spaces": 2}, {"topic": "Art", "spaces": 1}]
        assert [each["language"] for each in page["languages"]] == ["de", "en"]
    mine = await ama.do("GET", "/explore")
    assert {"topic": "Secret", "spaces": 1} in mine["topics"]

    await zoe.do("PUT", "/people/@ama/block")
    page = await zoe.do("GET", "/explore")
    assert (page["topics"], page["languages"], page["lively"], page["soon"]) == ([], [], [], [])


async def test_staff_feature_a_space_until_it_is_over(
    sign_up: SignUp, appoint: Appoint, visitor: Callable[[], Browser]
) -> None:
    """It stands once on the page, and whoever may not know of its host does not find it there."""
    ama, zoe = await sign_up("ama"), await sign_up("zoe")
    moderator = await appoint("mod")
    made = await space(ama, "Supper")
    path = f"/moderation/spaces/{made}/featured"
    await zoe.do("PUT", "/people/@ama/block")

    await moderator.do("PUT", path)
    await moderator.do("PUT", path)
    assert await titles(visitor(), "featured") == ["Supper"]
    assert await titles(visitor(), "lively") == []
    assert await titles(zoe, "featured") == []

    await moderator.do("DELETE", path)
    assert await titles(visitor(), "featured") == []
    await moderator.do("PUT", path)
    await ama.do("POST", f"/spaces/{made}/end")
    assert await titles(visitor(), "featured") == []

    log = (await (await appoint("boss", "admin")).do("GET", "/moderation/log"))["entries"]
    acts = [entry["act"] for entry in log if "featured" in entry["act"]]
    assert acts == ["space_featured", "space_unfeatured", "space_featured"]


async def test_what_is_not_for_everyone_is_not_featured(sign_up: SignUp, appoint: Appoint) -> None:
    """Neither a draft, nor what is over, nor what only some may listen to; nor very much."""
    ama, moderator = await sign_up("ama"), await appoint("mod")
    for closed, refused in (
        (await space(ama, "Draft", "draft"), (404, "space_not_found")),
        (await space(ama, "Over", "ended"), (409, "not_for_everyone")),
        (await space(ama, "Closed", listen_policy="followers"), (409, "not_for_everyone")),
    ):
        assert await moderator.refused("PUT", f"/moderation/spaces/{closed}/featured") == refused

    made = [await space(ama, f"Space {number}") for number in range(13)]
    for each in made[:12]:
        await moderator.do("PUT", f"/moderation/spaces/{each}/featured")
    last = f"/moderation/spaces/{made[12]}/featured"
    assert await moderator.refused("PUT", last) == (409, "too_many_featured")
    await ama.do("POST", f"/spaces/{made[0]}/end")
    await moderator.do("PUT", last)


async def people_for(browser: Browser) -> list[str]:
    """List the handles of those who are named as worth following."""
    return [person["name"] for person in (await browser.do("GET", "/explore"))["people"]]


async def test_whom_those_follow_whom_one_follows(
    sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """Whom most of them follow first; nobody one follows, mutes or is apart from, nor oneself."""
    friends = ("ann", "bob", "cy", "dan")
    others = ("liked", "known", "muted", "apart", "closed")
    by = {name: await sign_up(name) for name in ("me", *friends, *others)}
    me = by["me"]
    for friend in friends:
        await me.do("PUT", f"/people/@{friend}/follow")
        await by[friend].do("PUT", "/people/@liked/follow")
        await by[friend].do("PUT", "/people/@me/follow")
    for friend in friends[:3]:
        for name in (*others[1:], "dan"):
            await by[friend].do("PUT", f"/people/@{name}/follow")
    await me.do("PUT", "/people/@muted/mute")
    await by["apart"].do("PUT", "/people/@me/block")
    await by["closed"].do("PATCH", "/me", {"protected": True})

    people = (await me.do("GET", "/explore"))["people"]

    assert [person["name"] for person in people] == ["liked", "known"]
    assert people[0]["relation"]["follows"] is False
    assert (await visitor().do("GET", "/explore"))["people"] == []


async def test_nobody_learns_whom_one_person_follows(sign_up: SignUp) -> None:
    """Somebody is named where three follow them whom one follows, all without protection."""
    by = {name: await sign_up(name) for name in ("me", "ann", "bob", "cy", "dan", "liked")}
    for friend in ("ann", "bob", "cy", "dan"):
        await by[friend].do("PUT", "/people/@liked/follow")
    for friend, named in (("ann", []), ("bob", []), ("cy", ["liked"])):
        await by["me"].do("PUT", f"/people/@{friend}/follow")
        assert await people_for(by["me"]) == named

    await by["ann"].do("PATCH", "/me", {"protected": True})
    assert await people_for(by["me"]) == []
    await by["me"].do("PUT", "/people/@dan/follow")
    assert await people_for(by["me"]) == ["liked"]
