"""What somebody may not know of is not found by them: not shown, not counted, not stepped over."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from convivium.accounts.models import Person
from convivium.app import Instance
from convivium.core.config import Settings
from tests.conftest import Appoint, Browser, SignUp
from tests.databases import Beginning
from tests.search.looking import found, look, post, space

KINDS = ("people", "spaces", "posts", "tags")


@pytest.fixture
def settings(data_folder: Path, empty_database: Beginning) -> Settings:
    return empty_database.settings(data_folder, searches_burst=1000)


@dataclass
class Scene:
    """Hanna wrote about the river, hosts it, and is called so; Zoe looks for it, others too."""

    instance: Instance
    hanna: Browser
    zoe: Browser
    guest: Browser
    moderator: Browser


@pytest.fixture
async def scene(
    instance: Instance, sign_up: SignUp, appoint: Appoint, visitor: Callable[[], Browser]
) -> Scene:
    hanna = await sign_up("river_hanna")
    await post(hanna, "The #river")
    await space(hanna, "River live")
    await space(hanna, "River later", "scheduled")
    await space(hanna, "River over", "ended")
    return Scene(instance, hanna, await sign_up("zoe"), visitor(), await appoint("mod"))


async def hidden_from(browser: Browser) -> set[str]:
    """List the kinds of which nothing is found; each says so by an empty last page."""
    everything = await look(browser, "river")
    empty = {kind for kind in KINDS if everything[kind]["items"] == []}
    for kind in KINDS:
        alone = await look(browser, "river", kind=kind)
        assert (alone[kind]["items"] == []) == (kind in empty)
        assert kind not in empty or alone[kind]["next_cursor"] is None
        first = await look(browser, "river", kind=kind, limit=1)
        assert kind not in empty or first[kind] == {"items": [], "next_cursor": None}
    return empty


async def nothing(_: Scene) -> None:
    """Leave things as they are."""


async def block(scene: Scene) -> None:
    """Hanna blocks Zoe."""
    await scene.hanna.do("PUT", "/people/@zoe/block")


async def be_blocked(scene: Scene) -> None:
    """Zoe blocks Hanna."""
    await scene.zoe.do("PUT", "/people/@river_hanna/block")


async def be_muted(scene: Scene) -> None:
    """Zoe mutes Hanna."""
    await scene.zoe.do("PUT", "/people/@river_hanna/mute")


async def protect(scene: Scene) -> None:
    """Hanna protects her account."""
    await scene.hanna.do("PATCH", "/me", {"protected": True})


async def protect_from_all_but_zoe(scene: Scene) -> None:
    """Zoe follows Hanna, who protects her account."""
    await scene.zoe.do("PUT", "/people/@river_hanna/follow")
    await protect(scene)


async def be_suspended(scene: Scene) -> None:
    """A moderator suspends Hanna."""
    how = {"until": None, "words": "spam"}
    await scene.moderator.do("PUT", "/moderation/people/@river_hanna/suspension", how)


ALL = set(KINDS)
NONE: set[str] = set()
Change = Callable[[Scene], Awaitable[None]]


@pytest.mark.parametrize(
    ("change", "zoe", "guest", "moderator", "hanna"),
    [
        (nothing, NONE, NONE, NONE, NONE),
        (block, ALL, NONE, NONE, NONE),
        (be_blocked, ALL, NONE, NONE, NONE),
        (be_muted, {"spaces", "posts", "tags"}, NONE, NONE, NONE),
        (protect, ALL, ALL, ALL, NONE),
        (protect_from_all_but_zoe, NONE, ALL, ALL, NONE),
        (be_suspended, ALL, ALL, ALL, None),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
async def test_who_finds_what(
    scene: Scene,
    change: Change,
    zoe: set[str],
    guest: set[str],
    moderator: set[str],
    hanna: set[str] | None,
) -> None:
    """Each row is what became so, and what each person finds nothing of then."""
    await change(scene)

    assert await hidden_from(scene.zoe) == zoe
    assert await hidden_from(scene.guest) == guest
    assert await hidden_from(scene.moderator) == moderator
    if hanna is not None:
        assert await hidden_from(scene.hanna) == hanna


@pytest.mark.parametrize("state", ["live", "scheduled", "ended"])
async def test_a_space_is_found_by_who_may_listen(scene: Scene, state: str) -> None:
    """Whoever may not finds nothing, whatever stands in it; moderators find what others do."""
    hanna, zoe = scene.hanna, scene.zoe
    about: dict[str, object] = {"description": "secret", "topics": ["secret"], "languages": ["eo"]}
    made = await hanna.do("POST", "/spaces", {"title": "Secret", **about})
    path = f"/spaces/{made['id']}"
    for policy, invited, who in (
        ("invited", False, []),
        ("invited", True, [zoe]),
        ("followers", False, []),
        ("followed", False, []),
    ):
        closed = await space(hanna, "Secret", "draft", **about, listen_policy=policy)
        if invited:
            role = {"role": "listener"}
            await hanna.do("PUT", f"/spaces/{closed}/invitations/@zoe", role)
        await _bring(hanna, closed, state)
        for browser in (zoe, scene.guest, scene.moderator, hanna):
            expected = ["Secret"] if browser in who or browser is hanna else []
            assert await found(browser, "spaces", "secret") == expected
            assert await found(browser, "spaces", "", language="eo") == expected
        await hanna.do(
            "PATCH", f"/spaces/{closed}", {"title": "x", "description": "", "topics": []}
        )
        await hanna.do("PATCH", f"/spaces/{closed}", {"languages": []})
    assert path


async def _bring(host: Browser, space_id: str, state: str) -> None:
    if state == "scheduled":
        await host.do("PATCH", f"/spaces/{space_id}", {"starts_at": "2026-01-02T19:30:00Z"})
        return
    await host.do("POST", f"/spaces/{space_id}/start")
    if state == "ended":
        await host.do("POST", f"/spaces/{space_id}/end")


async def test_guests_find_no_space_that_wants_names(scene: Scene) -> None:
    """People with an account do."""
    await space(scene.hanna, "Named", anonymous_listening=False)

    assert await found(scene.guest, "spaces", "named") == []
    assert await found(scene.zoe, "spaces", "named") == ["Named"]


async def test_who_was_removed_finds_the_space_no_more(scene: Scene) -> None:
    """Nor anything that stands in it."""
    made = await space(scene.hanna, "Cellar")
    await scene.zoe.do("GET", f"/spaces/{made}")
    await scene.hanna.do("PUT", f"/spaces/{made}/removals/@zoe")

    assert await found(scene.zoe, "spaces", "cellar") == []


async def test_hidden_things_make_no_page_shorter(scene: Scene, sign_up: SignUp) -> None:
    """What one may see comes in whole pages, wherever what one may not stands between."""
    ben = await sign_up("ben")
    for number in range(6):
        await post((scene.hanna, ben)[number % 2], f"lake {number} #lake")
    await block(scene)

    page = (await look(scene.zoe, "lake", kind="posts", limit=2))["posts"]
    assert [item["text"] for item in page["items"]] == ["lake 5 #lake", "lake 3 #lake"]
    rest = await look(scene.zoe, "lake", kind="posts", limit=1, cursor=page["next_cursor"])
    assert [item["text"] for item in rest["posts"]["items"]] == ["lake 1 #lake"]
    assert rest["posts"]["next_cursor"] is None
    tags = (await look(scene.zoe, "lake", kind="tags"))["tags"]["items"]
    assert tags == [{"tag": "lake", "posts": 3}]


async def test_guests_themselves_are_nobody_one_finds(
    scene: Scene, instance: Instance, sign_up: SignUp
) -> None:
    """They have no page, and came for one evening."""
    zoe = await sign_up("anna")
    async with instance.transactions.begin() as tx:
        person = await tx.session.get_one(Person, zoe.id)
        person.kind, person.name, person.display_name = "guest", None, "River guest"

    assert await found(scene.zoe, "people", "river") == ["river_hanna"]
