"""Moderators inside the spaces of others: what they may do there, and that they are seen."""

import pytest
from fastapi import FastAPI

from convivium.accounts import service as accounts
from convivium.app import Instance
from convivium.media.fake import FakeEngine
from convivium.spaces import service as spaces
from tests.conftest import Appoint, Browser, OpenTable, SignUp
from tests.table import OFFER, SDP, Table


@pytest.fixture
async def mod(appoint: Appoint) -> Browser:
    return await appoint("mod")


@pytest.fixture
async def table(open_table: OpenTable, sign_up: SignUp) -> Table:
    """A table with a co-host, a speaker and a listener, who does not let others see it."""
    table = await open_table()
    for name, role in (("helper", "co_host"), ("zoe", "speaker"), ("shy", "")):
        person = await sign_up(name)
        await table.join(person)
        if role:
            await table.seat(person, role)
        else:
            await person.do("PATCH", "/me", {"listed": False})
    return table


async def names(browser: Browser, table: Table) -> set[str]:
    page = await browser.do("GET", f"{table.path}/listeners")
    return {person["name"] for person in page["items"]}


@pytest.mark.parametrize("how", ["invited", "blocked", "removed"])
async def test_no_host_keeps_them_out(table: Table, mod: Browser, how: str) -> None:
    """They come in whatever the host says of them, and see what those inside see."""
    if how == "invited":
        await table.host.do("PATCH", table.path, {"listen_policy": "invited"})
    elif how == "blocked":
        await table.host.do("PUT", "/people/@mod/block")
    else:
        await table.join(mod)
        await table.host.do("PUT", f"{table.path}/removals/@mod")
        assert not table.peers(mod)

    assert (await mod.do("GET", table.path))["stage"] is not None
    await table.join(mod)
    await table.host.do("PATCH", table.path, {"listen_policy": "followed"})
    assert table.peers(mod)


async def test_they_are_seen(table: Table, mod: Browser, sign_up: SignUp) -> None:
    """Everybody finds them among the listeners, whatever their settings; they cannot hide."""
    await mod.do("PATCH", "/me", {"listed": False})
    answer = await mod.ask("POST", f"{table.path}/call?anonymous=true", content=OFFER, headers=SDP)
    assert (answer.status_code, answer.json()["code"]) == (403, "anonymous_off")
    await table.join(mod)
    ben = await sign_up("ben")

    assert await names(ben, table) == {"mod"}
    assert await names(mod, table) == {"mod", "shy"}
    await mod.do("PATCH", "/me", {"listed": False})
    assert await names(ben, table) == {"mod"}


async def test_they_mute_and_remove_all_but_the_host(table: Table, mod: Browser) -> None:
    """Co-hosts too, without being there; nobody is unmuted or brought up by them."""
    await mod.do("PUT", f"{table.path}/mutes/@zoe")
    await mod.do("PUT", f"{table.path}/mutes/@helper")
    assert await table.heard() == set()
    for word in ("mutes", "removals"):
        refused = await mod.refused("PUT", f"{table.path}/{word}/@ama")
        assert refused == (409, "host_stays")
    for method, path, body in (
        ("PUT", "/mutes", None),
        ("PUT", "/stage/@shy", {"role": "speaker"}),
        ("DELETE", "/stage/@zoe", None),
        ("PUT", "/host/@zoe", None),
        ("PUT", "/queue", {"locked": True}),
        ("GET", "/removals", None),
        ("DELETE", "/removals/@zoe", None),
        ("PATCH", "", {"title": "Mine"}),
        ("POST", "/end", None),
        ("POST", "/clearings", {"seconds": 60}),
    ):
        assert await mod.refused(method, table.path + path, body) == (403, "hosts_only"), path
    assert await mod.refused("DELETE", f"{table.path}/mutes/@zoe") == (403, "only_oneself")

    for name in ("zoe", "helper", "shy"):
        await mod.do("PUT", f"{table.path}/removals/@{name}")

    assert [seat["person"]["name"] for seat in (await mod.do("GET", table.path))["stage"]] == [
        "ama"
    ]
    assert len(table.engine.peers) == 1


async def test_they_take_words_away(table: Table, mod: Browser) -> None:
    """A line and a thing on the table, as a host could."""
    line = await table.host.do("POST", f"{table.path}/chat", {"text": "hateful"})
    item = await table.host.do("POST", f"{table.path}/shared", {"text": "hateful"})

    await mod.do("DELETE", f"{table.path}/chat/{line['number']}")
    await mod.do("DELETE", f"{table.path}/shared/{item['id']}")

    for word in ("chat", "shared"):
        assert (await table.host.do("GET", f"{table.path}/{word}"))["items"] == []


async def test_moderators_leave_staff_to_administrators(
    table: Table, mod: Browser, appoint: Appoint
) -> None:
    """On a stage too; a host may mute and remove them like anybody."""
    other, boss = await appoint("other"), await appoint("boss", "admin")
    await table.join(other)
    await table.seat(other)
    for word in ("mutes", "removals"):
        refused = await mod.refused("PUT", f"{table.path}/{word}/@other")
        assert refused == (403, "moderates_staff")
    await boss.do("PUT", f"{table.path}/mutes/@other")
    await table.host.do("PUT", f"{table.path}/removals/@other")

    assert not table.peers(other)


async def test_a_host_who_moderates_is_a_host(
    appoint: Appoint, instance: Instance, engine: FakeEngine
) -> None:
    """In their own space they decide about everybody, other staff included."""
    other, hosting = await appoint("other"), await appoint("hosting")
    card = await hosting.do("POST", "/spaces", {"title": "Mine"})
    await hosting.do("POST", f"/spaces/{card['id']}/start")
    table = Table(instance, engine, hosting, card)
    await table.join(hosting)
    await table.join(other)
    await table.seat(other)

    await hosting.do("PUT", f"{table.path}/mutes/@other")
    await hosting.do("PUT", f"{table.path}/removals/@other")


async def test_who_helps_the_host_and_moderates_removes_neither_staff_nor_themselves(
    open_table: OpenTable, mod: Browser, appoint: Appoint
) -> None:
    """What a co-host may not is asked of the moderator."""
    table, boss = await open_table("bea"), await appoint("boss", "admin")
    for person in (mod, boss):
        await table.join(person)
        await table.seat(person, "co_host")

    remove = f"{table.path}/removals"
    assert await mod.refused("PUT", f"{remove}/@boss") == (403, "moderates_staff")
    assert await mod.refused("PUT", f"{remove}/@mod") == (403, "not_oneself")


async def test_a_space_that_another_holds_meanwhile_is_still_its_owners(
    table: Table, mod: Browser, appoint: Appoint, instance: Instance
) -> None:
    """Moderators end and rename what staff own only as administrators, whoever holds it."""
    boss = await appoint("boss", "admin")
    async with instance.transactions.begin() as tx:
        space = await spaces.by_id(tx.session, table.id)
        space.returns_to = boss.id

    path = f"/moderation/spaces/{table.id}"
    refused = (403, "moderates_staff")
    assert await mod.refused("POST", f"{path}/end", {"words": "No."}) == refused
    body = {"title": "Mine", "words": "No."}
    assert await mod.refused("PATCH", path, body) == refused


async def test_a_token_acts_for_a_moderator_as_far_as_it_says(
    table: Table, mod: Browser, instance: Instance, app: FastAPI
) -> None:
    """With `moderate` it mutes; with `host` alone it is any member's."""
    async with instance.transactions.begin() as tx:
        moderates = await accounts.make_token(tx, "mod", frozenset({"moderate"}))
        hosts = await accounts.make_token(tx, "mod", frozenset({"read", "host"}))
    await table.host.do("PUT", "/people/@mod/block")
    path = f"{table.path}/mutes/@zoe"

    assert await Browser(app, bearer=hosts).refused("PUT", path) == (404, "space_not_found")
    await Browser(app, bearer=moderates).do("PUT", path)
    assert mod.id


@pytest.mark.parametrize("how", ["invited", "removed", "blocked"])
async def test_where_they_come_in_by_their_office_they_only_listen(
    table: Table, mod: Browser, how: str
) -> None:
    """They neither ask, sit down nor write where they would not be let in like anybody."""
    await table.host.do("PATCH", table.path, {"speak_policy": "everyone"})
    assert (await mod.do("GET", table.path))["you"]["may_take_seat"]
    if how == "invited":
        await table.host.do("PATCH", table.path, {"listen_policy": "invited"})
    elif how == "removed":
        await table.host.do("PUT", f"{table.path}/removals/@mod")
    else:
        await table.host.do("PUT", "/people/@mod/block")
    await table.join(mod)
    refusals = {"invited": "not_invited", "removed": "removed", "blocked": "space_not_found"}

    for method, path, body in (
        ("POST", "/requests", None),
        ("PUT", "/stage/me", {"role": "speaker"}),
        ("POST", "/chat", {"text": "hello"}),
    ):
        _, code = await mod.refused(method, table.path + path, body)
        assert code == refusals[how]
    you = (await mod.do("GET", table.path))["you"]
    assert (you["may_listen"], you["may_ask"], you["may_take_seat"]) == (True, False, False)
