"""Several people in one conversation: who comes, who goes, and what a block hides."""

from typing import Any

import pytest

from convivium.messages.rules import MOST_MEMBERS, MOST_UNANSWERED
from tests.conftest import Browser, SignUp
from tests.messages.talk import listed, news, read, say


@pytest.fixture
async def people(sign_up: SignUp) -> dict[str, Browser]:
    """Four people of whom all but dan follow ama."""
    named = {name: await sign_up(name) for name in ("ama", "ben", "cleo", "dan")}
    for name in ("ben", "cleo"):
        await named[name].do("PUT", "/people/@ama/follow")
    return named


@pytest.fixture
async def group(people: dict[str, Browser]) -> str:
    made = await say(people["ama"], ["@ben", "@cleo"], "welcome", title="  Bread\n club ")
    return str(made["conversation"])


def names(conversation: dict[str, Any]) -> set[str]:
    return {member["person"]["name"] for member in conversation["members"]}


async def test_a_group_is_one_conversation(people: dict[str, Browser], group: str) -> None:
    """Everybody reads what everybody writes, under one name."""
    await say(people["ben"], group, "thanks")

    for name in ("ama", "ben", "cleo"):
        [conversation] = await listed(people[name])
        assert (conversation["title"], conversation["is_group"]) == ("Bread club", True)
        assert names(conversation) == {"ama", "ben", "cleo"}
        assert await read(people[name], group) == ["welcome", "thanks"]
    assert [await news(people[name]) for name in ("ama", "ben", "cleo")] == [(1, 0), (0, 0), (2, 0)]


async def test_who_does_not_follow_is_asked(people: dict[str, Browser]) -> None:
    """Strangers to whoever begins a group find it among the requests."""
    made = await say(people["ama"], ["@ben", "@dan"])
    assert await news(people["dan"]) == (0, 1)
    await say(people["dan"], made["conversation"], "hi")

    assert await news(people["dan"]) == (0, 0)
    assert await read(people["ben"], made["conversation"]) == ["hello", "hi"]


async def test_one_name_twice_is_a_pair(people: dict[str, Browser]) -> None:
    """Naming one person, however often, begins no group."""
    await say(people["ama"], ["@ben", people["ben"].id])

    assert await read(people["ben"], "@ama") == ["hello"]


async def test_whoever_is_added_reads_from_then_on(people: dict[str, Browser], group: str) -> None:
    """Any member adds; everybody sees by whom, and the new one nothing of what was before."""
    ben, dan = people["ben"], people["dan"]
    shown = await ben.do("POST", f"/messages/{group}/members", {"people": ["@dan", "@cleo"]})
    await say(people["ama"], group, "hello dan")

    assert names(shown) == {"ama", "ben", "cleo", "dan"}
    assert await read(dan, group) == ["(added)", "hello dan"]
    assert await read(people["cleo"], group) == ["welcome", "(added)", "hello dan"]
    assert await news(dan) == (0, 1)
    page = await dan.do("GET", f"/messages/{group}")
    assert [page["items"][1][key]["name"] for key in ("by", "person")] == ["ben", "dan"]


async def test_who_leaves_reads_no_more(people: dict[str, Browser], group: str) -> None:
    """The others see that they left; to come back they are asked."""
    ama, ben = people["ama"], people["ben"]
    await ben.do("DELETE", f"/messages/{group}")
    await say(ama, group, "gone?")

    assert (await ben.refused("GET", f"/messages/{group}"))[1] == "conversation_not_found"
    assert await listed(ben) == []
    assert await read(ama, group) == ["welcome", "(left)", "gone?"]
    assert names((await listed(ama))[0]) == {"ama", "cleo"}
    await ama.do("POST", f"/messages/{group}/members", {"people": ["@ben"]})
    assert await news(ben) == (0, 1)
    assert await read(ben, group) == ["(added)"]


async def test_a_group_has_so_many(people: dict[str, Browser], sign_up: SignUp) -> None:
    """As many as may be are let in, and not one more."""
    more = [f"u{number}" for number in range(MOST_MEMBERS - 1)]
    for name in more:
        await sign_up(name)
    made = await say(people["ama"], [f"@{name}" for name in more])
    path = f"/messages/{made['conversation']}/members"

    assert await people["ama"].refused("POST", path, {"people": ["@ben"]}) == (409, "group_full")
    too_many = {"to": [f"@{name}" for name in (*more, "ben")], "text": "x"}
    assert (await people["ama"].refused("POST", "/messages", too_many))[0] == 422


async def test_two_people_stay_two(people: dict[str, Browser]) -> None:
    """What is between two has no name, and nobody is added to it."""
    ama = people["ama"]
    await say(ama, "@ben")

    assert await ama.refused("PATCH", "/messages/@ben", {"title": "x"}) == (409, "not_a_group")
    more = {"people": ["@cleo"]}
    assert await ama.refused("POST", "/messages/@ben/members", more) == (409, "not_a_group")


async def test_any_member_names_it(people: dict[str, Browser], group: str) -> None:
    """Everybody sees by whom; the same name again is no news."""
    for _ in range(2):
        await people["cleo"].do("PATCH", f"/messages/{group}", {"title": "Rye"})

    assert (await listed(people["ben"]))[0]["title"] == "Rye"
    assert await read(people["ben"], group) == ["welcome", "(named)"]
    assert await news(people["ben"]) == (1, 0)


async def test_in_a_group_a_block_hides_two_from_each_other(
    people: dict[str, Browser], group: str
) -> None:
    """Neither reads what the other writes, nor is it news; the others read both."""
    ben, cleo = people["ben"], people["cleo"]
    await say(ben, group, "of ben, before")
    await ben.do("PUT", f"/messages/{group}/read", {"up_to": 9})
    await cleo.do("PUT", f"/messages/{group}/read", {"up_to": 9})
    await cleo.do("PUT", "/people/@ben/block")
    await say(ben, group, "of ben")
    await say(cleo, group, "of cleo")

    assert await read(cleo, group) == ["welcome", "of cleo"]
    assert await read(ben, group) == ["welcome", "of ben, before", "of ben"]
    assert (await news(ben), await news(cleo)) == ((0, 0), (0, 0))
    everything = ["welcome", "of ben, before", "of ben", "of cleo"]
    assert await read(people["ama"], group) == everything
    assert (await listed(ben))[0]["last"]["text"] == "of ben"


async def test_a_block_hides_also_what_was_said_last(
    people: dict[str, Browser], group: str
) -> None:
    """Neither list goes on showing the other's words until somebody else writes."""
    ben, cleo = people["ben"], people["cleo"]
    await say(ben, group, "the last words")
    await cleo.do("PUT", "/people/@ben/block")

    assert (await listed(cleo))[0]["last"] is None
    assert (await listed(ben))[0]["last"]["text"] == "the last words"
    await say(cleo, group, "of cleo")
    assert (await listed(ben))[0]["last"]["text"] == "the last words"


async def test_a_group_of_strangers_hears_so_much_before_one_answers(
    people: dict[str, Browser],
) -> None:
    """As in a pair: nobody is written to without end who has not come in."""
    ama, dan = people["ama"], people["dan"]
    made = await say(dan, ["@ama", "@ben"])
    for _ in range(MOST_UNANSWERED - 1):
        await say(dan, made["conversation"])
    more = {"to": made["conversation"], "text": "please"}
    assert await dan.refused("POST", "/messages", more) == (409, "not_answered")
    await say(ama, made["conversation"], "hi")
    await say(dan, made["conversation"])
