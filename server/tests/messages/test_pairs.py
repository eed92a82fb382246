"""Two people write to each other: what arrives, what is news, who is asked, who is not there."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from httpx import Response
from sqlalchemy import func, select

from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.messages import service
from convivium.messages.models import Conversation, Message, Standing
from convivium.messages.rules import MOST_UNANSWERED, as_written, standing_of
from tests.conftest import Appoint, Browser, OpenTable, SignUp
from tests.messages.talk import Json, befriend, listed, news, read, say


@pytest.fixture
async def ama(sign_up: SignUp) -> Browser:
    return await sign_up("ama")


@pytest.fixture
async def ben(sign_up: SignUp) -> Browser:
    return await sign_up("ben")


@pytest.fixture
async def friends(ama: Browser, ben: Browser) -> tuple[Browser, Browser]:
    await befriend(ama, ben)
    return ama, ben


async def rows(instance: Instance, table: type[Conversation | Message]) -> int:
    async with instance.database.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def take_away(browser: Browser, message: dict[str, object]) -> Response:
    path = f"/messages/{message['conversation']}/{message['number']}"
    return await browser.ask("DELETE", path)


# Writing and reading


async def test_two_first_messages_at_once_are_one_conversation(
    friends: tuple[Browser, Browser], instance: Instance
) -> None:
    """Whoever comes second finds what the first began."""
    ama, ben = friends
    sent = await asyncio.gather(
        *(say(one, to) for one, to in ((ama, "@ben"), (ben, "@ama"), (ama, "@ben"), (ben, "@ama")))
    )

    assert len({message["conversation"] for message in sent}) == 1
    assert sorted(message["number"] for message in sent) == [1, 2, 3, 4]
    assert await rows(instance, Conversation) == 1


async def test_what_one_writes_the_other_reads(friends: tuple[Browser, Browser]) -> None:
    """By name, by id and by the conversation it is the same one; each knows whose turn it was."""
    ama, ben = friends
    first = await say(ama, "@ben", "  Good \u202e evening \n\n\n\n Ben ")
    await say(ben, ama.id, "Hello")
    await say(ama, first["conversation"], "Well?")

    assert await read(ama, "@ben") == ["Good evening\n\nBen", "Hello", "Well?"]
    assert await read(ben, "@ama") == await read(ben, first["conversation"])
    [mine], [theirs] = await listed(ama), await listed(ben)
    assert mine["id"] == theirs["id"] == first["conversation"]
    assert (mine["unread"], theirs["unread"]) == (0, 1)
    assert theirs["last"]["text"] == "Well?"
    assert theirs["last"]["by"]["name"] == "ama"


async def test_before_the_first_word_there_is_nothing(ama: Browser, ben: Browser) -> None:
    """Looking begins no conversation, and says whom one would write to."""
    page = await ama.do("GET", "/messages/@ben")

    assert (page["conversation"], page["items"], page["person"]["id"]) == (None, [], ben.id)
    assert await listed(ama) == await listed(ben, "asked") == []


@pytest.mark.parametrize(
    ("text", "fits"),
    [("é" * 1000, True), ("👩‍👩‍👧‍👦" * 1000, True), ("x" * 1001, False), (" \u200d ", False)],
    ids=["letters", "families", "long", "nothing"],
)
async def test_a_message_is_as_long_as_people_see_it(
    friends: tuple[Browser, Browser], text: str, *, fits: bool
) -> None:
    """A thousand characters, whatever each is made of, and not none."""
    answer = await friends[0].ask("POST", "/messages", json={"to": "@ben", "text": text})

    assert answer.status_code == (201 if fits else 422)
    assert fits or answer.json()["detail"].startswith("text: ")


def test_one_empty_line_is_enough() -> None:
    """Nobody fills a screen with nothing."""
    assert as_written("a\n\n\n\n\nb\nc", 10) == "a\n\nb\nc"


async def test_sent_twice_it_is_written_once(friends: tuple[Browser, Browser]) -> None:
    """The same key brings the same answer, and the other one reads it once."""
    ama, ben = friends

    async def send() -> Response:
        body, headers = {"to": "@ben", "text": "once"}, {"Idempotency-Key": "k"}
        return await ama.ask("POST", "/messages", json=body, headers=headers)

    first, again = await send(), await send()

    assert (first.status_code, first.json()) == (201, again.json())
    assert await read(ben, "@ama") == ["once"]


async def test_pages_go_back_to_the_first_word(friends: tuple[Browser, Browser]) -> None:
    """The cursor of a page is where the next one begins."""
    ama, ben = friends
    for number in range(7):
        await say(ama, "@ben", f"{number}")
    page = await ben.do("GET", "/messages/@ama?limit=4")
    rest = await ben.do("GET", f"/messages/@ama?limit=4&cursor={page['next_cursor']}")

    texts = [item["text"] for item in (*page["items"], *rest["items"])]
    assert texts == ["6", "5", "4", "3", "2", "1", "0"]
    assert rest["next_cursor"] is None


async def test_the_list_has_the_latest_news_first(
    ama: Browser, sign_up: SignUp, clock: ManualClock
) -> None:
    """Page by page, and nobody else's."""
    for name in ("ben", "cleo", "dan"):
        await befriend(ama, await sign_up(name))
        clock.advance(1)
        await say(ama, f"@{name}", name)
    clock.advance(1)
    await say(ama, "@ben", "again")
    page = await ama.do("GET", "/messages?limit=2")
    rest = await ama.do("GET", f"/messages?limit=2&cursor={page['next_cursor']}")

    last = [item["last"]["text"] for item in (*page["items"], *rest["items"])]
    assert last == ["again", "dan", "cleo"]
    assert rest["next_cursor"] is None


async def test_the_first_of_very_many_are_forgotten(
    friends: tuple[Browser, Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A conversation keeps so many and no more."""
    monkeypatch.setattr(service, "KEPT_MESSAGES", 2)
    ama, ben = friends
    for text in ("one", "two", "three"):
        await say(ama, "@ben", text)

    assert await read(ben, "@ama") == ["two", "three"]


# What is news


async def test_reading_is_known_to_both(friends: tuple[Browser, Browser]) -> None:
    """Up to which message one has read: nothing before it is news, and the other sees it."""
    ama, ben = friends
    for text in ("one", "two", "three"):
        await say(ama, "@ben", text)
    assert await news(ben) == (3, 0)
    await ben.do("PUT", "/messages/@ama/read", {"up_to": 2})
    assert await news(ben) == (1, 0)
    await ben.do("PUT", "/messages/@ama/read", {"up_to": 1})
    await ben.do("PUT", "/messages/@ama/read", {"up_to": 99})

    assert await news(ben) == (0, 0)
    [conversation] = await listed(ama)
    reads = {member["person"]["id"]: member["read"] for member in conversation["members"]}
    assert reads == {ama.id: 3, ben.id: 3}


async def test_nothing_is_news_of_somebody_one_mutes(friends: tuple[Browser, Browser]) -> None:
    """It is there to be read, and says nothing."""
    ama, ben = friends
    await ben.do("PUT", "/people/@ama/mute")
    await say(ama, "@ben")

    assert await news(ben) == (0, 0)
    assert await read(ben, "@ama") == ["hello"]


async def test_what_is_taken_away_is_gone_for_both(friends: tuple[Browser, Browser]) -> None:
    """Its place stays; only its author takes it, and it is no news any more."""
    ama, ben = friends
    await say(ama, "@ben", "one")
    secret = await say(ama, "@ben", "secret")
    assert (await take_away(ben, secret)).json()["code"] == "not_yours"
    for _ in range(2):
        assert (await take_away(ama, secret)).status_code == 204
    assert (await take_away(ama, secret | {"number": 9})).json()["code"] == "message_not_found"

    assert await read(ben, "@ama") == ["one", "(gone)"]
    assert await news(ben) == (1, 0)


# Strangers


async def test_strangers_ask_first(ama: Browser, ben: Browser) -> None:
    """What they write waits apart and is no news, and they do not see whether it was read."""
    await say(ama, "@ben")
    [asking] = await listed(ben, "asked")
    await ben.do("PUT", "/messages/@ama/read", {"up_to": 1})

    assert (await news(ben), await listed(ben)) == ((0, 1), [])
    assert asking["standing"] == "asked"
    [mine] = await listed(ama)
    assert {member["read"] for member in mine["members"] if member["person"]["id"] == ben.id} == {0}


@pytest.mark.parametrize("how", ["accept", "answer"])
async def test_accepted_they_are_strangers_no_more(ama: Browser, ben: Browser, how: str) -> None:
    """Accepting and answering are the same: from then on it is news."""
    await say(ama, "@ben")
    if how == "accept":
        await ben.do("POST", "/messages/@ama/accept")
    else:
        await say(ben, "@ama", "yes?")
    await ben.do("PUT", "/messages/@ama/read", {"up_to": 9})
    await say(ama, "@ben")

    assert await news(ben) == (1, 0)


async def test_whom_one_follows_need_not_ask(ama: Browser, ben: Browser) -> None:
    """Their first word is news."""
    await ben.do("PUT", "/people/@ama/follow")
    await say(ama, "@ben")

    assert await news(ben) == (1, 0)


async def test_before_an_answer_one_writes_so_much(ama: Browser, ben: Browser) -> None:
    """Then one waits; whoever declined can be asked again, and is told nothing of it."""
    for _ in range(MOST_UNANSWERED):
        await say(ama, "@ben")
    refused = await ama.refused("POST", "/messages", {"to": "@ben", "text": "please"})
    assert refused == (409, "not_answered")
    await ben.do("DELETE", "/messages/@ama")
    assert await listed(ben, "asked") == []
    await say(ama, "@ben", "please")

    assert (await news(ben), await read(ben, "@ama")) == ((0, 1), ["please"])
    await say(ben, "@ama")
    await say(ama, "@ben")


async def test_asking_very_many_is_slowed_down(
    ama: Browser, sign_up: SignUp, instance: Instance, clock: ManualClock
) -> None:
    """Who asks too many strangers waits; friends are written to all the same."""
    friend = await sign_up("friend")
    await befriend(ama, friend)
    for number in range(instance.settings.message_requests_burst):
        await sign_up(f"u{number}")
        await say(ama, f"@u{number}")
        clock.advance(1)
    await sign_up("last")

    assert (await ama.refused("POST", "/messages", {"to": "@last", "text": "x"}))[1] == "slow_down"
    await say(ama, "@friend")
    await say(ama, "@u1")


async def test_writing_too_fast_is_answered(friends: tuple[Browser, Browser]) -> None:
    """A flood is refused with the time to wait."""
    for _ in range(20):
        await say(friends[0], "@ben")
    answer = await friends[0].ask("POST", "/messages", json={"to": "@ben", "text": "x"})

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")


@pytest.mark.parametrize(
    ("follows", "before", "is_group", "expected"),
    [
        (True, None, False, "accepted"),
        (False, None, False, "asked"),
        (False, "accepted", False, "accepted"),
        (True, "asked", False, "asked"),
        (True, "left", False, "accepted"),
        (True, "left", True, "asked"),
        (True, None, True, "accepted"),
    ],
)
def test_how_somebody_stands(
    *, follows: bool, before: Standing | None, is_group: bool, expected: str
) -> None:
    """Whoever left a group is asked, and what was decided stays."""
    assert standing_of(follows=follows, before=before, is_group=is_group) == expected


# Putting away


async def test_put_away_it_is_gone_for_one(
    friends: tuple[Browser, Browser], instance: Instance
) -> None:
    """The other keeps it; what comes next begins anew; what both put away is nowhere."""
    ama, ben = friends
    await say(ama, "@ben", "old")
    await ben.do("DELETE", "/messages/@ama")
    assert (await listed(ben), await news(ben)) == ([], (0, 0))
    assert (await ben.refused("PUT", "/messages/@ama/read", {"up_to": 1}))[0] == 404
    await say(ama, "@ben", "new")

    assert await read(ben, "@ama") == ["new"]
    assert await read(ama, "@ben") == ["old", "new"]
    old = {"conversation": (await listed(ben))[0]["id"], "number": 1}
    assert (await take_away(ben, old)).json()["code"] == "message_not_found"
    for one, other in ((ama, "@ben"), (ben, "@ama")):
        await one.do("DELETE", f"/messages/{other}")
    assert (await rows(instance, Conversation), await rows(instance, Message)) == (0, 0)


async def test_requests_nobody_answers_are_forgotten(
    ama: Browser,
    ben: Browser,
    instance: Instance,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After so many days they are put away, as if they had been declined."""
    monkeypatch.setattr(service, "KEPT_ASKED", timedelta(days=2))
    await say(ama, "@ben")
    clock.advance(service.KEPT_ASKED.total_seconds())
    await instance.forget_old()
    assert await news(ben) == (0, 1)
    clock.advance(1)
    await instance.forget_old()

    assert await news(ben) == (0, 0)
    assert await rows(instance, Conversation) == 1


async def test_a_request_is_forgotten_whose_author_has_put_it_away(
    friends: tuple[Browser, Browser],
    instance: Instance,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Then nobody keeps it, and its rows go."""
    monkeypatch.setattr(service, "KEPT_ASKED", timedelta(days=2))
    ama, ben = friends
    await ben.do("DELETE", "/people/@ama/follow")
    await say(ama, "@ben")
    await ama.do("DELETE", "/messages/@ben")
    assert await rows(instance, Conversation) == 1
    clock.advance(service.KEPT_ASKED.total_seconds() + 1)
    await instance.forget_old()

    assert (await rows(instance, Conversation), await rows(instance, Message)) == (0, 0)


async def test_a_conversation_goes_with_the_last_who_keeps_it(
    friends: tuple[Browser, Browser], instance: Instance
) -> None:
    """Whose account is deleted keeps nothing; the other one does until then."""
    ama, ben = friends
    await say(ama, "@ben")
    for person in (ama, ben):
        assert await rows(instance, Conversation) == 1
        async with instance.transactions.begin() as tx:
            await service.forget_member(tx, person.id)

    assert (await rows(instance, Conversation), await rows(instance, Message)) == (0, 0)


# Who is not there


async def test_a_block_ends_it_for_both(friends: tuple[Browser, Browser]) -> None:
    """It is not shown, nothing can be sent, and both are answered as if nobody were there."""
    ama, ben = friends
    sent = await say(ama, "@ben")
    await ben.do("PUT", "/people/@ama/block")
    for one, other in ((ama, ben), (ben, ama)):
        assert (await listed(one), await news(one)) == ([], (0, 0))
        ids = {f"@{other.name}": "@nobody", other.id: "x", sent["conversation"]: "x"}
        for known, unknown in ids.items():
            for there, nowhere in zip(requests(known), requests(unknown), strict=True):
                answers = [await ask(one, request) for request in (there, nowhere)]
                assert answers[0] == answers[1]
                assert answers[0]["status"] == 404
    await ben.do("DELETE", "/people/@ama/block")

    assert await read(ama, "@ben") == ["hello"]
    assert await news(ben) == (1, 0)


Request = tuple[str, str, dict[str, object] | None]


def requests(who: str) -> list[Request]:
    return [
        ("GET", f"/messages/{who}", None),
        ("PUT", f"/messages/{who}/read", {"up_to": 1}),
        ("POST", f"/messages/{who}/accept", None),
        ("POST", f"/messages/{who}/members", {"people": ["@mod"]}),
        ("PATCH", f"/messages/{who}", {"title": "x"}),
        ("DELETE", f"/messages/{who}/1", None),
        ("DELETE", f"/messages/{who}", None),
        ("POST", "/messages", {"to": who, "text": "x"}),
        ("POST", "/messages", {"to": [who, "@mod"], "text": "x"}),
    ]


async def ask(browser: Browser, request: Request) -> Json:
    method, path, body = request
    answer: Json = (await browser.ask(method, path, json=body)).json()
    return answer


async def test_guests_have_no_messages(
    ama: Browser, open_table: OpenTable, visitor: Callable[[], Browser]
) -> None:
    """Neither do they write, nor does anybody write to them; the words say what to do."""
    table, guest = await open_table("host"), visitor()
    await table.join(guest)
    for method, path, body in (*requests("@ama"), ("GET", "/messages", None)):
        assert (await guest.refused(method, path, body)) == (403, "guest")
        assert (await visitor().refused(method, path, body))[0] == 401

    to_guest = {"to": guest.id, "text": "x"}
    assert (await ama.refused("POST", "/messages", to_guest))[1] == "conversation_not_found"
    assert (await ama.refused("POST", "/messages", to_guest | {"to": "me"}))[1] == "to_oneself"


async def test_nobody_else_reads_along(
    friends: tuple[Browser, Browser], appoint: Appoint, sign_up: SignUp
) -> None:
    """Neither moderators nor administrators nor others, by any route; nothing of it is changed."""
    ama, ben = friends
    sent = await say(ama, "@ben", "between us")
    others = [
        await appoint("mod"),
        await appoint("root", "admin"),
        await sign_up("eve"),
    ]
    for other in others:
        for request in requests(str(sent["conversation"])):
            assert (await ask(other, request))["code"] == "conversation_not_found"
        assert (await other.do("GET", "/messages"))["items"] == []

    assert await read(ben, "@ama") == ["between us"]


async def test_whoever_is_suspended_writes_nothing(
    friends: tuple[Browser, Browser], appoint: Appoint
) -> None:
    """What they wrote before is still there for the other one to show."""
    ama, ben = friends
    await say(ama, "@ben", "before")
    admin = await appoint("root", "admin")
    path = "/moderation/people/@ama/suspension"
    await admin.do("PUT", path, {"words": "hateful", "until": None})

    assert (await ama.refused("POST", "/messages", {"to": "@ben", "text": "x"}))[0] == 401
    assert (await ama.refused("GET", "/messages/@ben"))[0] == 401
    assert await read(ben, "@ama") == ["before"]
