"""Links that invite: to a role, so often, for so long, until they are taken back."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.spaces.links import MOST
from convivium.spaces.models import InvitationLink
from tests.conftest import Browser, OpenTable, SignUp
from tests.table import Table


async def make(table: Table, role: str = "listener", **words: int) -> str:
    """Let the host make a link; gives its token."""
    path = f"{table.path}/invitation-links"
    token: str = (await table.host.do("POST", path, {"role": role, **words}))["token"]
    return token


async def use(table: Table, browser: Browser, token: str) -> dict[str, object]:
    """Open a link, which must work; gives how one stands then."""
    card = await browser.do("POST", f"{table.path}/invitations", {"token": token})
    you: dict[str, object] = card["you"]
    return you


async def refused(table: Table, browser: Browser, token: str) -> tuple[int, str]:
    return await browser.refused("POST", f"{table.path}/invitations", {"token": token})


@pytest.fixture
async def table(open_table: OpenTable) -> Table:
    return await open_table(listen_policy="invited", speak_policy="invited", requests="off")


async def test_a_link_for_each_role(table: Table, sign_up: SignUp) -> None:
    """Whoever opens it may do what it says, and no more."""
    ben, eve, dan = await sign_up("ben"), await sign_up("eve"), await sign_up("dan")
    assert await ben.refused("POST", f"{table.path}/requests", {}) == (403, "not_invited")

    you = await use(table, ben, await make(table))
    assert (you["may_listen"], you["may_take_seat"]) == (True, False)
    you = await use(table, eve, await make(table, "speaker"))
    assert (you["may_take_seat"], you["invitation"]) == (True, {"role": "speaker"})
    await use(table, dan, await make(table, "co_host"))
    await table.join(dan)
    seat = await dan.do("PUT", f"{table.path}/stage/me", {"role": "co_host"})
    assert seat["role"] == "co_host"
    refused_seat = await eve.refused("PUT", f"{table.path}/stage/me", {"role": "co_host"})
    assert refused_seat == (403, "only_host")


async def test_the_token_is_told_once_and_kept_as_a_hash(table: Table, instance: Instance) -> None:
    """Neither the list nor the rows hold it; it has 128 bits."""
    token = await make(table, uses=7, hours=1)
    listed = await table.host.do("GET", f"{table.path}/invitation-links")
    [link] = listed["items"]
    assert (link["role"], link["uses_left"]) == ("listener", 7)
    assert (link["created_at"], link["expires_at"]) == (
        "2026-01-01T12:00:00Z",
        "2026-01-01T13:00:00Z",
    )
    assert token not in str(listed)
    async with instance.database.read() as session:
        [row] = (await session.scalars(select(InvitationLink))).all()

    assert token not in str(vars(row))
    assert len(token) >= 22


async def test_it_works_so_often(table: Table, sign_up: SignUp) -> None:
    """Each person counts once, however often they open it; who has more already uses nothing."""
    token = await make(table, uses=2)
    ben, eve, dan = await sign_up("ben"), await sign_up("eve"), await sign_up("dan")
    await table.host.do("PUT", f"{table.path}/invitations/@dan", {"role": "speaker"})
    for browser in (ben, ben, dan, table.host, eve):
        await use(table, browser, token)
    kim = await sign_up("kim")

    assert await refused(table, kim, token) == (404, "link_void")
    assert (await dan.do("GET", table.path))["you"]["invitation"] == {"role": "speaker"}


async def test_it_invites_each_person_once(table: Table, sign_up: SignUp) -> None:
    """Whose invitation was taken back, and who was removed and let back in, needs another link."""
    token = await make(table, uses=9)
    ben, eve, dan = await sign_up("ben"), await sign_up("eve"), await sign_up("dan")
    for browser in (ben, eve):
        await use(table, browser, token)
    await table.host.do("DELETE", f"{table.path}/invitations/@ben")
    await table.host.do("PUT", f"{table.path}/removals/@eve")
    await table.host.do("DELETE", f"{table.path}/removals/@eve")

    for browser in (ben, eve):
        assert await refused(table, browser, token) == (404, "link_void")
        assert not (await browser.do("GET", table.path))["you"]["may_listen"]
    await use(table, dan, token)
    [link] = (await table.host.do("GET", f"{table.path}/invitation-links"))["items"]
    assert link["uses_left"] == 6
    assert (await use(table, ben, await make(table)))["may_listen"]


async def test_it_works_for_so_long(table: Table, sign_up: SignUp, clock: ManualClock) -> None:
    """To the second."""
    token = await make(table, hours=1)
    ben, eve = await sign_up("ben"), await sign_up("eve")
    clock.advance(3599)
    await use(table, ben, token)
    clock.advance(1)

    assert await refused(table, eve, token) == (404, "link_void")


async def test_taken_back(table: Table, sign_up: SignUp) -> None:
    """Nobody comes by it any more; who came stays."""
    token = await make(table)
    ben, eve = await sign_up("ben"), await sign_up("eve")
    await use(table, ben, token)
    [link] = (await table.host.do("GET", f"{table.path}/invitation-links"))["items"]
    for _ in "12":
        await table.host.do("DELETE", f"{table.path}/invitation-links/{link['id']}")

    assert await refused(table, eve, token) == (404, "link_void")
    assert (await ben.do("GET", table.path))["you"]["may_listen"]


async def test_it_leads_to_its_own_space(table: Table, sign_up: SignUp) -> None:
    """Not to another, not to one that is over, and a wrong one to none."""
    token = await make(table)
    ben = await sign_up("ben")
    other = await table.host.do("POST", "/spaces", {"title": "x", "listen_policy": "invited"})
    for path in (f"/spaces/{other['id']}", "/spaces/nowhere"):
        body = {"token": token}
        assert await ben.refused("POST", f"{path}/invitations", body) == (404, "link_void")
    assert await refused(table, ben, token[:-1]) == (404, "link_void")
    await table.host.do("POST", f"{table.path}/end")

    assert await refused(table, ben, token) == (404, "link_void")


async def test_guests_listen_by_a_link(table: Table, visitor: Callable[[], Browser]) -> None:
    """Somebody unknown becomes a guest, and gets in; to speak they sign up."""
    guest, stranger = visitor(), visitor()
    you = await use(table, guest, await make(table))
    assert (you["kind"], you["may_listen"]) == ("guest", True)
    await table.join(guest)
    speakers = await make(table, "speaker")
    for browser in (guest, stranger):
        assert await refused(table, browser, speakers) == (403, "guest")

    assert (await stranger.ask("GET", "/me")).status_code == 401, "a refusal makes no guest"


async def test_no_guests_where_none_may_listen(
    open_table: OpenTable, visitor: Callable[[], Browser]
) -> None:
    """A link opens no door that the host has shut for guests."""
    table = await open_table(listen_policy="invited", anonymous_listening=False)

    assert await refused(table, visitor(), await make(table)) == (401, "sign_in_to_listen")


async def test_who_was_removed_or_is_blocked(table: Table, sign_up: SignUp) -> None:
    """No link brings them back, and a blocked person learns nothing of the space."""
    token = await make(table)
    ben, eve = await sign_up("ben"), await sign_up("eve")
    await table.host.do("PUT", f"{table.path}/removals/@ben")
    await table.host.do("PUT", "/people/@eve/block")

    assert await refused(table, ben, token) == (403, "removed")
    assert await refused(table, eve, token) == (404, "space_not_found")


async def test_links_for_co_hosts_are_the_hosts(table: Table, sign_up: SignUp) -> None:
    """A co-host neither makes nor takes back one; other links they may."""
    ben = await sign_up("ben")
    await use(table, ben, await make(table, "co_host"))
    await table.join(ben)
    await ben.do("PUT", f"{table.path}/stage/me", {"role": "co_host"})
    await make(table, "co_host")
    path = f"{table.path}/invitation-links"
    await ben.do("POST", path, {"role": "speaker"})
    [of_hosts] = [
        link
        for link in (await ben.do("GET", path))["items"]
        if link["role"] == "co_host" and link["uses_left"]
    ]

    assert await ben.refused("DELETE", f"{path}/{of_hosts['id']}") == (403, "only_host")


async def test_so_many_links(table: Table, clock: ManualClock) -> None:
    """What is over makes room."""
    path = f"{table.path}/invitation-links"
    for _ in range(MOST):
        await make(table, hours=1)
    assert await table.host.refused("POST", path, {"role": "listener"}) == (409, "too_many_links")
    clock.advance(3600)
    await make(table)

    assert len((await table.host.do("GET", path))["items"]) == 1


@pytest.mark.parametrize("words", [{"uses": 0}, {"uses": 1001}, {"hours": 0}, {"hours": 721}])
async def test_bounds(table: Table, words: dict[str, int]) -> None:
    """A link is worth something, and not for ever."""
    body = {"role": "listener", **words}
    assert await table.host.refused("POST", f"{table.path}/invitation-links", body) == (
        422,
        "invalid",
    )


# Invitations end


async def test_declined(table: Table, sign_up: SignUp) -> None:
    """Who does not want to come up may go on listening; the notification is gone."""
    ben = await sign_up("ben")
    await table.host.do("PUT", f"{table.path}/invitations/@ben", {"role": "speaker"})
    await ben.do("DELETE", f"{table.path}/invitations/me")

    you = (await ben.do("GET", table.path))["you"]
    assert (you["may_listen"], you["may_take_seat"]) == (True, False)
    assert (await ben.do("GET", "/notifications"))["items"] == []


async def test_taken_back_from_one(table: Table, sign_up: SignUp) -> None:
    """Whoever came only by it has to go."""
    ben = await sign_up("ben")
    await table.host.do("PUT", f"{table.path}/invitations/@ben", {"role": "listener"})
    await table.join(ben)
    await table.host.do("DELETE", f"{table.path}/invitations/@ben")

    assert table.peers(ben) == []
    assert not (await ben.do("GET", table.path))["you"]["may_listen"]


async def test_taking_a_seat_answers_it(table: Table, sign_up: SignUp) -> None:
    """What was asked is asked no more."""
    ben = await sign_up("ben")
    await table.host.do("PUT", f"{table.path}/invitations/@ben", {"role": "speaker"})
    assert len((await ben.do("GET", "/notifications"))["items"]) == 1
    await table.join(ben)
    await ben.do("PUT", f"{table.path}/stage/me", {"role": "speaker"})

    assert (await ben.do("GET", "/notifications"))["items"] == []


async def test_a_link_is_worth_as_much_as_whoever_made_it(table: Table, sign_up: SignUp) -> None:
    """A former co-host's links seat nobody; a former host's make nobody a co-host."""
    ben, eve = await sign_up("ben"), await sign_up("eve")
    await use(table, ben, await make(table, "co_host"))
    await table.join(ben)
    await ben.do("PUT", f"{table.path}/stage/me", {"role": "co_host"})
    path = f"{table.path}/invitation-links"
    of_ben = (await ben.do("POST", path, {"role": "speaker"}))["token"]
    of_ama = await make(table, "co_host")
    await table.host.do("DELETE", f"{table.path}/stage/@ben")
    assert await refused(table, eve, of_ben) == (404, "link_void")

    await table.host.do("PUT", f"{table.path}/stage/@ben", {"role": "speaker"})
    await ben.do("PUT", f"{table.path}/stage/me", {"role": "speaker"})
    await table.host.do("PUT", f"{table.path}/host/@ben")
    await ben.do("DELETE", f"{table.path}/stage/@ama")
    assert await refused(table, table.host, of_ama) == (404, "link_void")


async def test_whom_the_host_asked_to_help(table: Table, sign_up: SignUp) -> None:
    """A co-host makes no less of it, by either door; the host may."""
    ben, eve = await sign_up("ben"), await sign_up("eve")
    await use(table, ben, await make(table, "co_host"))
    await table.join(ben)
    await ben.do("PUT", f"{table.path}/stage/me", {"role": "co_host"})
    asked = f"{table.path}/invitations/@eve"
    await table.host.do("PUT", asked, {"role": "co_host"})

    assert await ben.refused("PUT", asked, {"role": "listener"}) == (403, "only_host")
    up = await ben.refused("PUT", f"{table.path}/stage/@eve", {"role": "speaker"})
    assert up == (403, "only_host")
    assert (await eve.do("GET", table.path))["you"]["invitation"] == {"role": "co_host"}
    await table.host.do("PUT", asked, {"role": "speaker"})
    assert (await eve.do("GET", table.path))["you"]["invitation"] == {"role": "speaker"}


async def test_hosts_see_who_is_invited_page_by_page(table: Table, sign_up: SignUp) -> None:
    """By name or by a link; whoever is taken back is not in it, nor comes in again."""
    ben, eve = await sign_up("ben"), await sign_up("eve")
    await table.host.do("PUT", f"{table.path}/invitations/@ben", {"role": "listener"})
    await use(table, eve, await make(table, "speaker"))
    listed = f"{table.path}/invitations?limit=1"

    first = await table.host.do("GET", listed)
    rest = await table.host.do("GET", f"{listed}&cursor={first['next_cursor']}")

    assert rest["next_cursor"] is None
    roles = {one["person"]["name"]: one["role"] for one in (*first["items"], *rest["items"])}
    assert roles == {"ben": "listener", "eve": "speaker"}
    await table.host.do("DELETE", f"{table.path}/invitations/{ben.id}")
    [left] = (await table.host.do("GET", f"{table.path}/invitations"))["items"]
    assert left["person"]["id"] == eve.id
    assert not (await ben.do("GET", table.path))["you"]["may_listen"]
    assert await eve.refused("GET", f"{table.path}/invitations") == (403, "hosts_only")
