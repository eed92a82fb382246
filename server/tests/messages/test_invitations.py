"""Invitations arrive as messages, and go with what they invite to; spaces are shown to people."""

from typing import Any

import pytest

from convivium.app import Instance
from tests.conftest import Browser, OpenTable, SignUp
from tests.messages.talk import befriend, listed, news, read, say
from tests.table import Table


@pytest.fixture
async def table(open_table: OpenTable) -> Table:
    return await open_table()


@pytest.fixture
async def ben(sign_up: SignUp, table: Table) -> Browser:
    ben = await sign_up("ben")
    await befriend(ben, table.host)
    return ben


async def invite(table: Table, role: str = "speaker", name: str = "ben") -> None:
    await table.host.do("PUT", f"{table.path}/invitations/@{name}", {"role": role})


async def last(browser: Browser, who: str = "@ama") -> Any:  # noqa: ANN401 - a message
    return (await browser.do("GET", f"/messages/{who}"))["items"][0]


@pytest.mark.parametrize("role", ["listener", "speaker", "co_host"])
async def test_an_invitation_is_a_message(table: Table, ben: Browser, role: str) -> None:
    """With the space in it and what it invites to; it is news, and can be answered."""
    await invite(table, role)

    message = await last(ben)
    assert message["kind"] == "invited"
    assert message["space"]["id"] == table.id
    assert message["space"]["title"] == "Kitchen table"
    assert message["invitation"]["role"] == role
    assert message["invitation"]["person"]["id"] == ben.id
    assert message["invitation"]["open"]
    assert await news(ben) == (1, 0)
    assert (await last(table.host, "@ben"))["invitation"] == message["invitation"]


async def test_from_a_stranger_it_waits(table: Table, sign_up: SignUp) -> None:
    """As all that strangers write; that somebody invites is a notification anyway."""
    zoe = await sign_up("zoe")
    await invite(table, name="zoe")

    assert await news(zoe) == (0, 1)


async def test_brought_up_without_having_asked(table: Table, ben: Browser) -> None:
    """Being asked to the stage from the room is an invitation too; seated, it is answered."""
    await table.join(ben)
    await table.host.do("PUT", f"{table.path}/stage/@ben", {"role": "speaker"})
    assert (await last(ben))["invitation"]["open"]
    await ben.do("PUT", f"{table.path}/stage/me", {"role": "speaker"})

    assert not (await last(ben))["invitation"]["open"]


async def test_taken_back_the_message_goes_with_it(table: Table, ben: Browser) -> None:
    """Nothing of the space is left there, nor is it news."""
    await invite(table)
    await table.host.do("DELETE", f"{table.path}/invitations/@ben")

    message = await last(ben)
    assert (message["gone"], message["space"], message["invitation"]) == (True, None, None)
    assert await news(ben) == (0, 0)


async def test_declined_it_is_answered(table: Table, ben: Browser) -> None:
    """The message stays, and cannot be answered again."""
    await invite(table)
    await ben.do("DELETE", f"{table.path}/invitations/me")

    message = await last(ben)
    assert (message["gone"], message["invitation"]["open"]) == (False, False)


async def test_a_later_invitation_replaces_an_earlier_one(table: Table, ben: Browser) -> None:
    """One at a time is open: the last."""
    await invite(table)
    await invite(table, "listener")

    assert await read(ben, "@ama") == ["(gone)", "(invited)"]
    assert (await last(ben))["invitation"]["role"] == "listener"
    assert await news(ben) == (1, 0)


async def test_over_it_invites_to_nothing(table: Table, ben: Browser) -> None:
    """Once the space has ended."""
    await invite(table)
    await table.host.do("POST", f"{table.path}/end")

    message = await last(ben)
    assert (message["space"]["state"], message["invitation"]["open"]) == ("ended", False)


@pytest.mark.parametrize("how", ["removed", "cleared"])
async def test_who_is_shut_out_is_invited_no_more(table: Table, ben: Browser, how: str) -> None:
    """One by one, or many in one act."""
    await invite(table, "listener")
    if how == "removed":
        await table.host.do("PUT", f"{table.path}/removals/@ben")
    else:
        await table.host.do("POST", f"{table.path}/invitation-links", {"role": "speaker"})
        from convivium.spaces import service  # noqa: PLC0415 - the act alone

        async with table.instance.transactions.begin() as tx:
            await service.bar_all(tx, table.id, [ben.id], by=table.host.id, clearing="c")

    assert (await last(ben))["gone"]


async def test_a_refused_invitation_sends_nothing(table: Table, ben: Browser) -> None:
    """The message is part of the same act."""
    await table.host.do("PUT", f"{table.path}/removals/@ben")
    await table.host.refused("PUT", f"{table.path}/invitations/@ben", {"role": "speaker"})

    assert await listed(ben) == []


async def test_guests_are_invited_without_a_message(
    table: Table, instance: Instance, ben: Browser
) -> None:
    """Nothing is written to who has no messages, nor across a block between two hosts."""
    del ben
    guest = Browser(_app(instance))
    await table.join(guest)
    path = f"{table.path}/invitations/{guest.id}"
    await table.host.do("PUT", path, {"role": "listener"})

    assert await listed(table.host) == []


def _app(instance: Instance) -> Any:  # noqa: ANN401 - the framework's own
    from convivium.app import http  # noqa: PLC0415 - another door to the same server

    return http(instance)


# Sharing


async def test_a_space_is_shown_with_a_message(table: Table, ben: Browser, sign_up: SignUp) -> None:
    """With words or without; whoever may not know of it reads the words alone."""
    zoe = await sign_up("zoe")
    made = await say(ben, ["@ama", "@zoe"], "come", space=table.id)
    await say(ben, made["conversation"], "", space=table.id)
    page = await zoe.do("GET", f"/messages/{made['conversation']}")
    assert [item["space"]["id"] for item in page["items"]] == [table.id] * 2
    await table.host.do("PUT", "/people/@zoe/block")

    message = await last(zoe, made["conversation"])
    assert (message["space"], message["invitation"]) == (None, None)


async def test_a_space_one_does_not_know_cannot_be_shown(table: Table, ben: Browser) -> None:
    """It is answered as if there were none."""
    await table.host.do("PUT", "/people/@ben/block")
    zoe_body = {"to": "@ama", "text": "", "space": "nothing"}
    assert (await table.host.refused("POST", "/messages", zoe_body | {"to": "@ben"}))[0] == 404

    body = {"to": ["@ama"], "text": "x", "space": table.id}
    assert (await ben.refused("POST", "/messages", body))[1] == "space_not_found"
