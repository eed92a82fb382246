"""Who listens: to whom it is told by name (trust matrix, row 22), in which order, and in pages."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from convivium.app import Instance
from convivium.calls import listeners
from convivium.calls.listeners import Place
from convivium.core.actor import Actor
from tests.conftest import Browser, OpenTable, SignUp
from tests.table import OFFER, SDP, Table, watch


async def names(browser: Browser, table: Table, query: str = "") -> list[str | None]:
    page = await browser.do("GET", f"{table.path}/listeners{query}")
    return [person["name"] for person in page["items"]]


async def join_anonymously(table: Table, browser: Browser) -> tuple[int, str]:
    path = f"{table.path}/call?anonymous=true"
    answer = await browser.ask("POST", path, content=OFFER, headers=SDP)
    return answer.status_code, "" if answer.is_success else answer.json()["code"]


async def test_who_sees_names(
    open_table: OpenTable, sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """Hosts all who are signed in, others those who allow it, guests and strangers nobody's."""
    table = await open_table("host")
    helper, speaker, shy, open_ = [
        await sign_up(name) for name in ("helper", "speaker", "shy", "open")
    ]
    outsider, guest, nobody = await sign_up("outsider"), visitor(), visitor()
    await shy.do("PATCH", "/me", {"listed": False})
    for person in (helper, speaker, shy, open_, guest):
        await table.join(person)
    await table.seat(helper, "co_host")
    await table.seat(speaker)

    for host in (table.host, helper):
        assert await names(host, table) == ["shy", "open"]
    for person in (speaker, shy, open_, outsider):
        assert await names(person, table) == ["open"]
    assert await guest.refused("GET", f"{table.path}/listeners") == (403, "guest")
    assert await nobody.refused("GET", f"{table.path}/listeners") == (401, "not_signed_in")
    async with AsyncExitStack() as stack:
        witness = await watch(table, stack, guest)
        await open_.do("PATCH", "/me", {"display_name": "Rosalind"})
        await table.instance.live.refresh(table.id, at_once=True)
        await witness.catch_up()
        assert witness.snapshot["counts"]["listeners"] == 3
        for name in ("shy", "open", "Rosalind"):
            assert f'"{name}"' not in str(witness.events).replace("'", '"')
    await table.host.do("PATCH", table.path, {"listen_policy": "invited"})
    assert await outsider.refused("GET", f"{table.path}/listeners") == (403, "not_invited")


async def test_blocked_people_do_not_see_one_another(
    open_table: OpenTable, sign_up: SignUp
) -> None:
    """Neither of the two finds the other in the list; everybody else finds both."""
    table = await open_table("host")
    ben, chidi, dora = [await sign_up(name) for name in ("ben", "chidi", "dora")]
    for person in (ben, chidi, dora):
        await table.join(person)
    await ben.do("PUT", "/people/@chidi/block")

    assert await names(ben, table) == ["ben", "dora"]
    assert await names(chidi, table) == ["chidi", "dora"]
    assert await names(dora, table) == await names(table.host, table) == ["ben", "chidi", "dora"]


async def test_whom_one_follows_come_first_and_pages_are_bounded(
    open_table: OpenTable, sign_up: SignUp, instance: Instance
) -> None:
    """In the order of arrival within both parts; people who come and go shift no page."""
    table = await open_table("host")
    ama = await sign_up("ama")
    late = [await sign_up(name) for name in ("late_one", "late_two")]
    crowd = [
        Actor(kind="account", id=f"p{number:03}", name=f"p{number:03}", listed=True)
        for number in range(150)
    ]
    for actor in crowd:
        instance.calls.registry.welcome(instance.calls.registry.add(table.id, actor))
    for person in late:
        await table.join(person)
        await ama.do("PUT", f"/people/{person.id}/follow")

    first = await ama.do("GET", f"{table.path}/listeners?limit=100")
    gone = instance.calls.registry.of_person(table.id, "p000")[0]
    instance.calls.registry.remove(gone)
    second = await ama.do("GET", f"{table.path}/listeners?limit=100&cursor={first['next_cursor']}")

    seen = [person["name"] for person in first["items"] + second["items"]]
    assert seen == ["late_one", "late_two", *(actor.name for actor in crowd)]
    assert [p["relation"]["follows"] for p in first["items"][:3]] == [True, True, False]
    assert second["next_cursor"] is None
    assert (await ama.ask("GET", f"{table.path}/listeners?limit=101")).status_code == 422


async def test_a_page_costs_its_own_length(
    open_table: OpenTable, sign_up: SignUp, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a large audience nobody is looked at who stands beyond the page."""
    table, ama = await open_table("host"), await sign_up("ama")
    for number in range(2_000):
        actor = Actor(kind="account", id=f"p{number:04}", name=f"p{number:04}", listed=True)
        instance.calls.registry.welcome(instance.calls.registry.add(table.id, actor))
    placed = 0

    def count(*said: Any, **named: Any) -> Place:  # noqa: ANN401
        nonlocal placed
        placed += 1
        return Place(*said, **named)

    monkeypatch.setattr(listeners, "Place", count)
    for browser in (ama, table.host):
        placed = 0
        assert len(await names(browser, table, "?limit=50&cursor=s1500")) == 50
        assert placed <= 52


async def test_who_has_several_calls_keeps_their_place(
    open_table: OpenTable, sign_up: SignUp, instance: Instance
) -> None:
    """A page that was loaded anew, or another name, moves nobody to the end of the list."""
    table = await open_table("host")
    ben, chidi = await sign_up("ben"), await sign_up("chidi")
    for person in (ben, chidi, ben):
        await table.join(person)
    await instance.calls.end(instance.calls.registry.of_person(table.id, ben.id)[0])
    await ben.do("PATCH", "/me", {"display_name": "Benjamin"})

    assert await names(chidi, table) == ["ben", "chidi"]


async def test_listening_anonymously(open_table: OpenTable, sign_up: SignUp) -> None:
    """One is counted and named to nobody, hosts included, until one calls in with a name."""
    table = await open_table("host")
    ben = await sign_up("ben")

    assert await join_anonymously(table, ben) == (201, "")

    async with AsyncExitStack() as stack:
        hosts = await watch(table, stack, table.host)
        await table.instance.live.refresh(table.id, at_once=True)
        await hosts.catch_up()
        assert hosts.snapshot["people"] == []
        assert hosts.snapshot["counts"]["listeners"] == 1
        await ben.do("PATCH", "/me", {"display_name": "Benjamin"})
        await hosts.catch_up()
        assert hosts.snapshot["people"] == []
    assert await names(table.host, table) == []
    await table.join(ben)
    assert await names(table.host, table) == ["ben"]


async def test_where_hosts_want_names(
    open_table: OpenTable, sign_up: SignUp, instance: Instance
) -> None:
    """Nobody comes in anonymously, and who was there so is out, unnamed, and may come in anew."""
    table = await open_table("host")
    ben = await sign_up("ben")
    await join_anonymously(table, ben)

    await table.host.do("PATCH", table.path, {"anonymous_listening": False})

    assert instance.calls.registry.of_person(table.id, ben.id) == []
    assert await join_anonymously(table, ben) == (403, "anonymous_off")
    assert instance.calls.registry.of_person(table.id, ben.id) == []
    await table.join(ben)
    assert await names(table.host, table) == ["ben"]


async def test_looking_all_the_time_is_held_up(open_table: OpenTable, instance: Instance) -> None:
    """A list of a large audience costs something: too many looks are answered with a time."""
    table = await open_table("host")
    for _ in range(instance.settings.acts_burst):
        await table.host.do("GET", f"{table.path}/listeners")

    assert (await table.host.ask("GET", f"{table.path}/listeners")).status_code == 429
