"""The live strip: what is listed, for whom, page by page."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from convivium.app import Instance, http
from convivium.core.clock import ManualClock
from convivium.media.fake import FakeEngine
from tests.conftest import Browser, OpenTable, SignUp, quick_passwords
from tests.databases import Beginning


async def test_pages_go_from_the_newest_to_the_last(
    sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """Following the cursor gives every live space once, and an end."""
    ama = await sign_up("ama")
    for number in range(5):
        card = await ama.do("POST", "/spaces", {"title": f"{number}"})
        await ama.do("POST", f"/spaces/{card['id']}/start")
    await ama.do("POST", "/spaces", {"title": "a draft"})

    titles, cursor = [], ""
    while cursor is not None:
        query = f"/spaces?state=live&limit=2{f'&cursor={cursor}' if cursor else ''}"
        page = await visitor().do("GET", query)
        titles += [card["title"] for card in page["items"]]
        cursor = page["next_cursor"]

    assert titles == ["4", "3", "2", "1", "0"]
    assert [c["title"] for c in (await ama.do("GET", "/spaces?state=draft"))["items"]] == [
        "a draft"
    ]
    assert (await visitor().do("GET", "/spaces?state=draft"))["items"] == []
    assert (await ama.do("GET", "/spaces?state=scheduled"))["items"] == []
    assert await ama.refused("GET", "/spaces?limit=51") == (422, "invalid")
    assert await ama.refused("GET", "/spaces?cursor=x") == (422, "invalid")


async def listed(browser: Browser) -> list[str]:
    return [card["title"] for card in (await browser.do("GET", "/spaces"))["items"]]


async def test_guests_find_no_space_that_wants_names(
    open_table: OpenTable, sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """Neither strangers nor guests, unless they were invited; whoever has an account does."""
    table, ben, guest, other = await open_table(), await sign_up("ben"), visitor(), visitor()
    for person in (guest, other):
        await table.join(person)
    assert await listed(visitor()) == await listed(guest) == ["Kitchen table"]
    await table.host.do("PUT", f"{table.path}/invitations/{other.id}", {"role": "listener"})

    await table.host.do("PATCH", table.path, {"anonymous_listening": False})

    assert await listed(visitor()) == await listed(guest) == []
    assert await listed(other) == await listed(ben) == await listed(table.host) == ["Kitchen table"]


async def test_where_no_guest_may_listen_strangers_find_none(
    data_folder: Path, empty_database: Beginning
) -> None:
    """The operator said so, of all spaces together."""
    settings = empty_database.settings(data_folder, anonymous_listening=False)
    instance = Instance(
        settings, engine=FakeEngine(), clock=ManualClock(), passwords=quick_passwords()
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(instance.running())
        ama, stranger = (Browser(http(instance)) for _ in range(2))
        words = {"name": "ama", "password": "correct horse"}
        await ama.do("POST", "/accounts", words)
        space = await ama.do("POST", "/spaces", {"title": "Kitchen table"})
        await ama.do("POST", f"/spaces/{space['id']}/start")

        assert (await listed(ama), await listed(stranger)) == (["Kitchen table"], [])
