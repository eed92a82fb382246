"""Lines beside the sound: who writes them, who reads them, and how they go."""

from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest

from convivium.chat.boards import SHOWN_BYTES, SHOWN_LINES
from convivium.core.clock import ManualClock
from tests.conftest import Browser, OpenTable, SignUp
from tests.table import Table, fresh_snapshot, watch


async def say(table: Table, browser: Browser, text: str) -> int:
    line = await browser.do("POST", f"{table.path}/chat", {"text": text})
    return int(line["number"])


async def read(table: Table, browser: Browser) -> list[str]:
    page = await browser.do("GET", f"{table.path}/chat")
    return [line["text"] for line in page["items"]][::-1]


def shown(snapshot: dict) -> list[str]:  # type: ignore[type-arg]
    return [line["text"] for line in snapshot["chat"]["lines"]]


async def test_everybody_reads_what_is_written_also_who_comes_later(
    open_table: OpenTable, sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """A line reaches those who watch as an event, latecomers in the snapshot and in the list."""
    table, ben = await open_table(), await sign_up("ben")
    async with AsyncExitStack() as stack:
        witness = await watch(table, stack, table.host)
        await say(table, ben, "  Hello \n table ")
        await say(table, table.host, "Welcome")
        await table.instance.live.refresh(table.id, at_once=True)
        await witness.catch_up()

        assert shown(witness.snapshot) == ["Hello table", "Welcome"]
    assert shown(await fresh_snapshot(table, visitor())) == ["Hello table", "Welcome"]
    assert await read(table, visitor()) == ["Hello table", "Welcome"]


async def test_lines_are_told_by_themselves(open_table: OpenTable) -> None:
    """Nobody has to ask: a little later everybody has them."""
    table = await open_table()
    async with AsyncExitStack() as stack:
        witness = await watch(table, stack, table.host)
        await say(table, table.host, "Hello")
        await witness.until(lambda: "chat_changed" in witness.types())

        assert shown(witness.snapshot) == ["Hello"]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("é" * 280, True),
        ("👩‍👩‍👧‍👦" * 280, True),
        ("👏🏽" * 281, False),
        ("x" * 281, False),
        ("e" + "\u0301" * 5000, False),
        (" \u200d ", False),
    ],
    ids=["letters", "families", "claps", "long", "a tower of marks", "nothing"],
)
async def test_a_line_is_as_long_as_people_see_it(
    open_table: OpenTable, text: str, *, fits: bool
) -> None:
    """280 characters are 280 faces, whatever each is made of."""
    table = await open_table()
    answer = await table.host.ask("POST", f"{table.path}/chat", json={"text": text})

    assert answer.status_code == (201 if fits else 422)


async def test_a_page_goes_on_where_the_last_one_ended(
    open_table: OpenTable, clock: ManualClock
) -> None:
    """The cursor walks back to the first line, and the snapshot has the end of it."""
    table = await open_table()
    for count in range(SHOWN_LINES + 5):
        await say(table, table.host, f"line {count}")
        clock.advance(2.0)
    page = await table.host.do("GET", f"{table.path}/chat?limit=40")
    rest = await table.host.do("GET", f"{table.path}/chat?limit=40&cursor={page['next_cursor']}")

    assert [page["items"][0]["text"], rest["items"][-1]["text"]] == ["line 54", "line 0"]
    assert (len(page["items"]), len(rest["items"]), rest["next_cursor"]) == (40, 15, None)
    snapshot = await fresh_snapshot(table, table.host)
    assert shown(snapshot) == [f"line {count}" for count in range(5, 55)]


async def test_long_lines_leave_room_for_the_rest_of_the_picture(
    open_table: OpenTable, clock: ManualClock
) -> None:
    """However long lines are, a snapshot has so many bytes of them, and events agree with it."""
    table = await open_table()
    async with AsyncExitStack() as stack:
        witness = await watch(table, stack, table.host)
        for _ in range(4):
            await say(table, table.host, "👩‍👩‍👧‍👦" * 280)
            clock.advance(2.0)
            await table.instance.live.refresh(table.id, at_once=True)
        await witness.catch_up()

        assert sum(len(text.encode()) for text in shown(witness.snapshot)) <= SHOWN_BYTES
        assert witness.snapshot["chat"] == (await fresh_snapshot(table, table.host))["chat"]


async def test_what_is_taken_away_is_gone_for_everybody(
    open_table: OpenTable, sign_up: SignUp
) -> None:
    """The author, a host and a co-host take a line away; nobody else does."""
    table = await open_table()
    ben, mona, zoe = [await sign_up(name) for name in ("ben", "mona", "zoe")]
    await table.join(mona)
    await table.seat(mona, "co_host")
    one, two, three = [await say(table, ben, text) for text in ("one", "two", "three")]
    path = f"{table.path}/chat"

    assert await zoe.refused("DELETE", f"{path}/{one}") == (403, "not_yours")
    async with AsyncExitStack() as stack:
        witness = await watch(table, stack, table.host)
        for browser, number in ((ben, one), (table.host, two), (mona, three)):
            await browser.do("DELETE", f"{path}/{number}")
            await browser.do("DELETE", f"{path}/{number}")
        await table.instance.live.refresh(table.id, at_once=True)
        await witness.catch_up()

        assert shown(witness.snapshot) == []
        assert witness.snapshot["chat"]["taken"] == [one, two, three]
    assert await read(table, zoe) == []
    assert await zoe.refused("DELETE", f"{path}/99") == (404, "line_not_found")


async def test_hosts_say_who_writes(
    open_table: OpenTable, sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """Everybody with an account, those on the stage, or nobody; in force at once."""
    table, ben, guest = await open_table(), await sign_up("ben"), visitor()
    await table.join(guest)
    path = f"{table.path}/chat"

    assert await guest.refused("POST", path, {"text": "me too"}) == (403, "guest")
    changed = await table.host.do("PUT", path, {"writers": "stage"})
    assert changed == {"writers": "stage", "slow_seconds": 0, "kept": False}
    assert await ben.refused("POST", path, {"text": "hello"}) == (403, "stage_writes")
    await say(table, table.host, "only us now")
    await table.join(ben)
    await table.seat(ben)
    await say(table, ben, "from the stage")
    await table.host.do("PUT", path, {"writers": "off", "kept": True})
    assert await table.host.refused("POST", path, {"text": "hello"}) == (403, "chat_off")
    chat = (await fresh_snapshot(table, guest))["chat"]
    assert (chat["writers"], chat["kept"]) == ("off", True)


async def test_slow_mode_counts_for_each_person(
    open_table: OpenTable, sign_up: SignUp, clock: ManualClock
) -> None:
    """Who wrote waits, also when the line was taken away; hosts and others do not."""
    table, ben, zoe = await open_table(), await sign_up("ben"), await sign_up("zoe")
    path = f"{table.path}/chat"
    await table.host.do("PUT", path, {"slow_seconds": 30})
    await ben.do("DELETE", f"{path}/{await say(table, ben, 'one')}")
    clock.advance(29.0)
    answer = await ben.ask("POST", path, json={"text": "two"})

    assert (answer.json()["code"], answer.headers["Retry-After"]) == ("wrote_too_soon", "1")
    await say(table, zoe, "me")
    await say(table, table.host, "one")
    await say(table, table.host, "two")
    clock.advance(1.0)
    await say(table, ben, "two")


async def test_who_is_removed_takes_their_lines_along(
    open_table: OpenTable, sign_up: SignUp
) -> None:
    """A removal empties what somebody wrote, and shuts the door to reading and writing."""
    table, ben, zoe = await open_table(), await sign_up("ben"), await sign_up("zoe")
    await say(table, ben, "something nasty")
    await say(table, zoe, "something kind")
    await table.host.do("PUT", f"{table.path}/removals/@ben")

    assert await read(table, zoe) == ["something kind"]
    assert shown(await fresh_snapshot(table, zoe)) == ["something kind"]
    assert await ben.refused("POST", f"{table.path}/chat", {"text": "x"}) == (403, "removed")
    assert await ben.refused("GET", f"{table.path}/chat") == (403, "removed")


async def test_whom_the_host_blocks_is_gone_with_all_they_wrote(
    open_table: OpenTable, sign_up: SignUp
) -> None:
    """To them there is no such space any more; to the others there are no such lines."""
    table, ben = await open_table(), await sign_up("ben")
    await say(table, ben, "something nasty")
    await table.host.do("PUT", "/people/@ben/block")

    assert await read(table, table.host) == []
    nothing = (404, "space_not_found")
    assert await ben.refused("POST", f"{table.path}/chat", {"text": "x"}) == nothing
    assert await ben.refused("GET", f"{table.path}/chat") == nothing


@pytest.mark.parametrize("word", ["block", "mute"])
async def test_one_does_not_read_whom_one_blocks_or_mutes(
    open_table: OpenTable, sign_up: SignUp, word: str
) -> None:
    """For oneself the lines of some are not there; for everybody else they are."""
    table, ben, zoe = await open_table(), await sign_up("ben"), await sign_up("zoe")
    await say(table, ben, "blah")
    await zoe.do("PUT", f"/people/@ben/{word}")

    assert (await read(table, zoe), await read(table, table.host)) == ([], ["blah"])


@pytest.mark.parametrize("kept", [True, False])
async def test_after_the_end_there_is_what_the_host_keeps(
    open_table: OpenTable, sign_up: SignUp, *, kept: bool
) -> None:
    """Nothing is written in a space that is over; what was written stays only if a host said so."""
    table, ben = await open_table(), await sign_up("ben")
    await table.host.do("PUT", f"{table.path}/chat", {"kept": kept})
    number = await say(table, ben, "for later")
    await table.host.do("POST", f"{table.path}/shared", {"text": "a thing"})
    await table.host.do("POST", f"{table.path}/end")

    assert await read(table, ben) == (["for later"] if kept else [])
    on_table = await ben.do("GET", f"{table.path}/shared")
    assert len(on_table["items"]) == int(kept)
    over = (409, "space_not_live")
    for method, path, body in (
        ("POST", "/chat", {"text": "too late"}),
        ("PUT", "/chat", {"kept": False}),
        ("POST", "/shared", {"text": "too late"}),
    ):
        assert await table.host.refused(method, table.path + path, body) == over
    if kept:
        await ben.do("DELETE", f"{table.path}/chat/{number}")
        assert await read(table, ben) == []


async def test_a_line_belongs_to_one_space(open_table: OpenTable) -> None:
    """A host of one table takes nothing from another, by no number or id."""
    table, other = await open_table("ama"), await open_table("eve")
    number = await say(table, table.host, "hello")
    item = await table.host.do("POST", f"{table.path}/shared", {"text": "a thing"})

    assert await other.host.refused("DELETE", f"{other.path}/chat/{number}") == (
        404,
        "line_not_found",
    )
    assert await other.host.refused("DELETE", f"{table.path}/chat/{number}") == (403, "not_yours")
    for method, end in (("DELETE", ""), ("PUT", "/pin"), ("DELETE", "/pin")):
        assert await other.host.refused(method, f"{other.path}/shared/{item['id']}{end}") == (
            404,
            "shared_not_found",
        )


async def test_lines_outlive_the_server(open_table: OpenTable) -> None:
    """What was written is read from the rows when a space is carried again."""
    table = await open_table()
    await say(table, table.host, "hello")
    boards = table.instance.boards
    boards.forget(table.id)
    await table.instance._lay_tables()

    assert [line.text for line, _ in boards.of(table.id).lines] == ["hello"]


async def test_who_changes_their_name_wrote_under_the_new_one(open_table: OpenTable) -> None:
    """Lines are somebody's, and somebody is called as they want to be."""
    table = await open_table()
    await say(table, table.host, "hello")
    async with AsyncExitStack() as stack:
        witness = await watch(table, stack, table.host)
        await table.host.do("PATCH", "/me", {"display_name": "Ama the Great"})
        await table.instance.live.refresh(table.id, at_once=True)
        await witness.catch_up()

        (line,) = witness.snapshot["chat"]["lines"]
        assert line["person"]["display_name"] == "Ama the Great"
