"""The timeline: what stands in it, for whom, in which order, and who hears that it grew."""

from contextlib import AsyncExitStack

from convivium.app import Instance
from tests.conftest import Browser, SignUp
from tests.notifications.test_stream import look
from tests.posts.test_posts import post


async def timeline(browser: Browser, query: str = "") -> list[str]:
    """List the texts of a timeline; who passed one on stands before it."""
    page = await browser.do("GET", f"/timeline{query}")
    return [
        (f"{item['reposted_by']['name']}: " if item["reposted_by"] else "") + item["post"]["text"]
        for item in page["items"]
    ]


async def test_it_holds_what_those_wrote_whom_one_follows(sign_up: SignUp) -> None:
    """And oneself; from the moment one follows also what was there before."""
    ama, ben, eve = await sign_up("ama"), await sign_up("ben"), await sign_up("eve")
    await post(ben, "before")
    await post(eve, "by a stranger")
    await post(ama, "by me")
    assert await timeline(ama) == ["by me"]

    await ama.do("PUT", "/people/@ben/follow")
    await post(ben, "after")
    assert await timeline(ama) == ["after", "by me", "before"]

    await ama.do("DELETE", "/people/@ben/follow")
    assert await timeline(ama) == ["by me"]


async def test_answers_to_others_stay_in_their_threads(sign_up: SignUp) -> None:
    """Who goes on with their own words stands in timelines with them."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    await ama.do("PUT", "/people/@ben/follow")
    mine = await post(ama, "mine")
    await post(ben, "to ama", reply_to=mine)
    first = await post(ben, "first")
    await post(ben, "second", reply_to=first)

    assert await timeline(ama) == ["second", "first", "mine"]


async def test_what_is_passed_on_stands_once(sign_up: SignUp) -> None:
    """Where it came up last, and with whoever brought it."""
    ama, ben, eve = await sign_up("ama"), await sign_up("ben"), await sign_up("eve")
    for name in ("ben", "eve"):
        await ama.do("PUT", f"/people/@{name}/follow")
    shared = await post(ben, "shared")
    await post(ben, "later")
    await eve.do("PUT", f"/posts/{shared}/repost")
    assert await timeline(ama) == ["eve: shared", "later"]

    await eve.do("DELETE", f"/posts/{shared}/repost")
    assert await timeline(ama) == ["later", "shared"]


async def test_muted_people_are_left_out(sign_up: SignUp) -> None:
    """What they wrote and what they passed on; their own page still has it."""
    ama, ben, eve = await sign_up("ama"), await sign_up("ben"), await sign_up("eve")
    for name in ("ben", "eve"):
        await ama.do("PUT", f"/people/@{name}/follow")
    by_ben, by_eve = await post(ben, "by ben"), await post(eve, "by eve")
    await eve.do("PUT", f"/posts/{by_ben}/repost")
    await ben.do("PUT", f"/posts/{by_eve}/repost")
    await ama.do("PUT", "/people/@ben/mute")

    assert await timeline(ama) == ["by eve"]
    assert (await ama.do("GET", "/people/@ben/posts"))["items"]


async def test_posts_of_strangers_come_by_those_one_follows_unless_apart(sign_up: SignUp) -> None:
    """A block, and a protected account, hold also where somebody passes a post on."""
    ama, ben, eve = await sign_up("ama"), await sign_up("ben"), await sign_up("eve")
    await ama.do("PUT", "/people/@ben/follow")
    by_eve = await post(eve, "by eve")
    await ben.do("PUT", f"/posts/{by_eve}/repost")
    assert await timeline(ama) == ["ben: by eve"]
    await eve.do("PATCH", "/me", {"protected": True})
    assert await timeline(ama) == []
    await eve.do("PATCH", "/me", {"protected": False})
    await eve.do("PUT", "/people/@ama/block")
    assert await timeline(ama) == []


async def test_pages_go_on_where_they_ended(sign_up: SignUp) -> None:
    """Nothing is left out and nothing comes twice, whoever wrote most."""
    ama, ben, eve = await sign_up("ama"), await sign_up("ben"), await sign_up("eve")
    for name in ("ben", "eve"):
        await ama.do("PUT", f"/people/@{name}/follow")
    for number in range(9):
        await post(eve if number % 3 == 0 else ben, f"{number}")

    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = await ama.do("GET", f"/timeline?limit=2{cursor}")
        assert len(page["items"]) <= 2
        seen += [item["post"]["text"] for item in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        if len(seen) == 4:
            await post(ben, "meanwhile")

    assert seen == ["8", "7", "6", "5", "4", "3", "2", "1", "0"]


async def test_it_is_for_accounts(sign_up: SignUp) -> None:
    """Nobody else has one, and it is refused with words; a cursor has to be one."""
    ama = await sign_up("ama")
    assert await ama.refused("GET", "/timeline?cursor=x") == (422, "invalid")
    assert await ama.refused("GET", "/timeline?limit=51") == (422, "invalid")


async def test_those_who_look_hear_that_it_grew(instance: Instance, sign_up: SignUp) -> None:
    """Once somebody they follow wrote or passed on; not of answers, nor of whom they mute."""
    ama, ben, eve = await sign_up("ama"), await sign_up("ben"), await sign_up("eve")
    for name in ("ben", "eve"):
        await ama.do("PUT", f"/people/@{name}/follow")
    async with AsyncExitStack() as stack:
        eye = await look(instance, ama, stack)
        written = await post(ben, "Hello")
        await post(eve, "an answer", reply_to=written)
        await eve.do("PUT", f"/posts/{written}/repost")
        await ama.do("PUT", "/people/@ben/mute")
        await post(ben, "unheard")
        await post(ama, "my own")

        await eye.catch_up()

        grew = [event["data"] for event in eye.events if event["type"] == "timeline_grew"]
        assert [data["person"]["name"] for data in grew] == ["ben", "eve"]
