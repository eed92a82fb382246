"""Moderators inside the spaces of others: what they may do there, and that they are seen."""

from contextlib import AsyncExitStack

import pytest
from fastapi import FastAPI

from convivium.accounts import service as accounts
from convivium.app import Instance
from convivium.core.errors import Busy
from convivium.media.fake import FakeEngine
from convivium.moderation import subscribers
from convivium.spaces import service as spaces
from tests.conftest import Appoint, Browser, OpenTable, SignUp
from tests.table import OFFER, SDP, Table, Witness, watch


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


# Where only their office lets them in


async def log_of(browser: Browser, table: Table, act: str = "looked_in") -> list[str]:
    """Tell who did something in a space, as its log has it."""
    entries = (await browser.do("GET", f"{table.path}/log?limit=100"))["entries"]
    return [entry["by"]["name"] for entry in entries if entry["act"] == act]


LOOKS = {
    "the card": ("GET", ""),
    "the calendar": ("GET", "/calendar.ics"),
    "the chat": ("GET", "/chat"),
    "the table": ("GET", "/shared"),
    "the listeners": ("GET", "/listeners"),
    "the call": ("POST", "/call"),
}


@pytest.mark.parametrize("how", ["invited", "removed", "blocked"])
async def test_whoever_looks_in_by_office_is_in_the_log_of_the_host(
    table: Table, mod: Browser, appoint: Appoint, how: str
) -> None:
    """Once each, before they are shown anything; who only reads the log has not looked in."""
    other = await appoint("other")
    await keep_out(table, how)
    if how == "invited":
        await mod.do("GET", f"{table.path}/log")
        assert await log_of(table.host, table) == []

    for _ in range(2):
        await mod.do("GET", f"{table.path}/chat")
        await mod.do("GET", table.path)

    assert await log_of(table.host, table) == ["mod"]
    if how == "invited":
        await other.do("GET", f"{table.path}/shared")
        assert await log_of(table.host, table) == ["other", "mod"]


@pytest.mark.parametrize("what", LOOKS)
async def test_every_way_to_look_in_is_one(table: Table, mod: Browser, what: str) -> None:
    """Whatever of the inside is asked for first; a token that may not read has not looked."""
    await keep_out(table, "invited")
    method, path = LOOKS[what]
    how = {"content": OFFER, "headers": SDP} if method == "POST" else {}

    await mod.ask(method, table.path + path, **how)

    assert await log_of(table.host, table) == ["mod"]


async def test_a_stream_by_office_is_noted_and_seen(table: Table, mod: Browser) -> None:
    """Hosts and everybody else find them among the listeners, as long as they follow the space."""
    await keep_out(table, "invited")
    live = table.instance.live
    async with AsyncExitStack() as stack:
        hosts = await watch(table, stack, table.host)
        async with AsyncExitStack() as looking:
            await watch(table, looking, mod)
            await hosts.until(lambda: "mod" in people_in(hosts))
            assert await names(table.host, table) == {"mod"}
            # Counts are told at their own pace.
            await live.refresh(table.id, at_once=True)
            await hosts.catch_up()
            assert hosts.snapshot["counts"]["listeners"] == 0
            await table.join(mod)
            await live.refresh(table.id, at_once=True)
            await hosts.catch_up()
            assert people_in(hosts).count("mod") == 1
            page = await table.host.do("GET", f"{table.path}/listeners")
            assert [person["name"] for person in page["items"]].count("mod") == 1
            await table.host.do("PUT", f"{table.path}/removals/@mod")
        await hosts.until(lambda: "mod" not in people_in(hosts))


def people_in(witness: Witness) -> list[str]:
    return [person["name"] for person in witness.snapshot["people"]]


async def test_where_anybody_may_look_moderators_are_anybody(table: Table, mod: Browser) -> None:
    """In a space that is open to them as to all, and in their own, nothing is written or shown."""
    async with AsyncExitStack() as stack:
        hosts = await watch(table, stack, table.host)
        await watch(table, stack, mod)
        for path in ("", "/chat", "/shared", "/listeners"):
            await mod.do("GET", table.path + path)
        await table.instance.live.refresh(table.id, at_once=True)
        await hosts.catch_up()
        assert "mod" not in people_in(hosts)
        # What was open to them is not any more: they are seen from now on.
        await table.host.do("PATCH", table.path, {"listen_policy": "invited"})
        await hosts.until(lambda: "mod" in people_in(hosts))
    assert await log_of(table.host, table) == []
    await table.host.do("PUT", f"{table.path}/invitations/@mod", {"role": "listener"})
    await mod.do("GET", f"{table.path}/chat")
    assert await log_of(table.host, table) == []


async def test_a_look_that_cannot_be_noted_shows_nothing(
    table: Table, mod: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing can be written, nothing is shown either."""

    async def refuse(*_: object, **__: object) -> None:
        raise Busy

    await keep_out(table, "invited")
    monkeypatch.setattr(subscribers, "write", refuse)

    assert await mod.refused("GET", f"{table.path}/chat") == (503, "busy")
    monkeypatch.undo()
    await mod.do("GET", f"{table.path}/chat")
    assert await log_of(table.host, table) == ["mod"]


async def keep_out(table: Table, how: str) -> None:
    """Let a host shut a door that stays open to moderators."""
    if how == "invited":
        await table.host.do("PATCH", table.path, {"listen_policy": "invited"})
    elif how == "removed":
        await table.host.do("PUT", f"{table.path}/removals/@mod")
    else:
        await table.host.do("PUT", "/people/@mod/block")


# What they wrote


async def test_what_staff_wrote_only_staff_change(
    table: Table, mod: Browser, appoint: Appoint
) -> None:
    """Title and description stay as they are; all else is the hosts' as before."""
    path, host = table.path, table.host
    await host.do("PATCH", path, {"title": "Hateful", "description": "More of it"})
    of_space = f"/moderation/spaces/{table.id}"
    await mod.do("PATCH", of_space, {"title": "A space", "words": "No."})

    for words in ({"title": "Hateful"}, {"title": "Else"}, {"description": ""}):
        assert await host.refused("PATCH", path, words) == (403, "words_stay"), words
    refused = await host.ask("PATCH", path, json={"title": "Else", "requests": "off"})
    assert "only they can change" in refused.json()["detail"]
    card = await host.do("GET", path)
    assert (card["title"], card["requests"]) == ("A space", "everyone")

    # To say again what is so is to change nothing.
    changed = await host.do("PATCH", path, {"title": "A space", "requests": "off", "topics": ["x"]})
    assert (changed["requests"], changed["topics"]) == ("off", ["x"])
    other = await appoint("other")
    await other.do("PATCH", of_space, {"description": "Nothing", "words": "Nor this."})
    assert (await host.do("GET", path))["description"] == "Nothing"
    # Another space is another matter.
    await host.do("POST", "/spaces", {"title": "Hateful"})


async def test_handing_the_space_over_helps_nobody(table: Table, mod: Browser) -> None:
    """Whoever held it, and keeps a seat as a co-host, may not write it either."""
    words = {"title": "A space", "words": "No."}
    await mod.do("PATCH", f"/moderation/spaces/{table.id}", words)
    await table.host.do("PUT", f"{table.path}/host/@zoe")

    refused = await table.host.refused("PATCH", table.path, {"title": "Hateful"})
    assert refused == (403, "words_stay")


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
