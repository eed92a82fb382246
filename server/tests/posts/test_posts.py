"""Writing, answering, quoting, liking, passing on, changing and taking away."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from convivium.accounts import service as accounts
from convivium.accounts.models import Person
from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.posts.models import Post, PostEdit, PostTag
from tests.conftest import Appoint, Browser, SignUp

Json = dict[str, Any]
GONE = (404, "post_not_found")


async def post(browser: Browser, text: str = "Hello", **about: str) -> str:
    """Write something; gives its id."""
    written = await browser.do("POST", "/posts", {"text": text, **about})
    return str(written["id"])


async def counts(browser: Browser, post_id: str) -> Json:
    """Tell what is counted with a post, as far as it is not 0."""
    found = (await browser.do("GET", f"/posts/{post_id}"))["counts"]
    return {name: count for name, count in found.items() if count}


async def texts(browser: Browser, path: str) -> list[str]:
    """List the texts of a page of posts."""
    return [item["text"] for item in (await browser.do("GET", path))["items"]]


async def test_a_post_is_read_by_everybody(sign_up: SignUp, visitor: Callable[[], Browser]) -> None:
    """Also by who has no account, with what there is to know of it."""
    ama = await sign_up("ama")
    post_id = await post(ama, "  Hello,\n\n world  ")

    read = await visitor().do("GET", f"/posts/{post_id}")

    assert read["text"] == "Hello,\n\nworld"
    assert read["author"] == {"id": ama.id, "name": "ama", "display_name": "Ama"}
    assert read["counts"] == {"likes": 0, "reposts": 0, "replies": 0, "quotes": 0}
    assert (read["mine"], read["gone"], read["edited_at"]) == (None, False, None)
    assert (read["reply_to"], read["quote"], read["space"]) == (None, None, None)
    assert (await ama.do("GET", f"/posts/{post_id}"))["mine"] == {"likes": False, "reposts": False}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"text": ""}, "invalid"),
        ({"text": " \u200d "}, "invalid"),
        ({"text": "x" * 281}, "invalid"),
        ({"text": "👏🏽" * 281}, "invalid"),
        ({"text": "Hi", "reply_to": "a", "quote": "b"}, "invalid"),
        ({"text": "Hi", "quote": "a", "space": "b"}, "invalid"),
        ({"text": "Hi", "reply_to": "nothing"}, "post_not_found"),
        ({"text": "Hi", "quote": "nothing"}, "post_not_found"),
        ({"text": "Hi", "space": "nothing"}, "space_not_found"),
    ],
)
async def test_what_cannot_be_posted_is_refused(sign_up: SignUp, body: Json, code: str) -> None:
    """With a sentence, and nothing is kept."""
    ama = await sign_up("ama")
    assert (await ama.refused("POST", "/posts", body))[1] == code
    assert await texts(ama, "/people/me/posts") == []


async def test_a_post_is_as_long_as_people_see_it(sign_up: SignUp) -> None:
    """280 families are 280 characters."""
    ama = await sign_up("ama")
    assert await post(ama, "👩‍👩‍👧‍👦" * 280)


async def test_the_same_request_twice_is_one_post(sign_up: SignUp) -> None:
    """A retry after a lost answer writes nothing new, and the key is good for nothing else."""
    ama = await sign_up("ama")
    key = {"Idempotency-Key": "one"}
    first, again = [
        await ama.ask("POST", "/posts", json={"text": "Hello"}, headers=key) for _ in range(2)
    ]
    other = await ama.ask("POST", "/posts", json={"text": "Other"}, headers=key)

    assert first.json()["id"] == again.json()["id"]
    assert other.json()["code"] == "key_reused"
    assert await texts(ama, "/people/me/posts") == ["Hello"]


async def test_guests_write_and_like_nothing(
    sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """They are told what it takes."""
    post_id = await post(await sign_up("ama"))
    nobody = visitor()
    assert await nobody.refused("POST", "/posts", {"text": "Hi"}) == (401, "not_signed_in")
    assert await nobody.refused("PUT", f"/posts/{post_id}/like") == (401, "not_signed_in")


async def test_an_answer_stands_below_what_it_answers(sign_up: SignUp) -> None:
    """A thread is read from any of its posts: what is above, and what is below."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    first = await post(ama, "first")
    second = await post(ben, "second", reply_to=first)
    third = await post(ama, "third", reply_to=second)

    thread = await ama.do("GET", f"/posts/{second}/thread")

    assert [item["text"] for item in thread["above"]] == ["first"]
    assert [item["text"] for item in thread["items"]] == ["third"]
    assert await counts(ama, first) == {"replies": 1}
    answered = (await ama.do("GET", f"/posts/{third}"))["reply_to"]
    assert (answered["id"], answered["author"]["name"]) == (second, "ben")


async def test_pages_of_answers_go_on_where_they_ended(sign_up: SignUp) -> None:
    """The first first; what is above stands on the first page only."""
    ama = await sign_up("ama")
    root = await post(ama, "root")
    first = await post(ama, "first", reply_to=root)
    for number in range(5):
        await post(ama, f"{number}", reply_to=first)

    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = await ama.do("GET", f"/posts/{first}/thread?limit=2{cursor}")
        assert len(page["above"]) == (not cursor)
        seen += [item["text"] for item in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"

    assert seen == ["0", "1", "2", "3", "4"]


async def test_a_quote_shows_what_it_quotes(sign_up: SignUp) -> None:
    """As it is now: also that it is gone."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    quoted = await post(ama, "wise words")
    quoting = await post(ben, "", quote=quoted)

    shown = (await ben.do("GET", f"/posts/{quoting}"))["quote"]
    assert (shown["id"], shown["text"], shown["gone"]) == (quoted, "wise words", False)
    assert await counts(ama, quoted) == {"quotes": 1}

    await ama.do("DELETE", f"/posts/{quoted}")
    shown = (await ben.do("GET", f"/posts/{quoting}"))["quote"]
    assert (shown["text"], shown["author"], shown["gone"]) == ("", None, True)


async def test_a_space_is_shown_as_a_card(sign_up: SignUp) -> None:
    """With its state as it is at the moment, to those who may know of it."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    space = await ama.do("POST", "/spaces", {"title": "Dinner"})
    assert await ben.refused("POST", "/posts", {"space": space["id"]}) == (404, "space_not_found")
    shown = await post(ama, "", space=space["id"])
    assert (await ben.do("GET", f"/posts/{shown}"))["space"] is None

    await ama.do("POST", f"/spaces/{space['id']}/start")

    card = (await ben.do("GET", f"/posts/{shown}"))["space"]
    assert (card["title"], card["state"], card["counts"]["listeners"]) == ("Dinner", "live", 0)


async def test_likes_are_counted_once_for_each(sign_up: SignUp) -> None:
    """Twice is the same as once, and taking back twice too."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    post_id = await post(ama)
    for _ in range(2):
        await ben.do("PUT", f"/posts/{post_id}/like")
    await ama.do("PUT", f"/posts/{post_id}/like")
    assert await counts(ama, post_id) == {"likes": 2}
    likers = (await ama.do("GET", f"/posts/{post_id}/likes"))["items"]
    assert [person["name"] for person in likers] == ["ama", "ben"]
    assert (await ben.do("GET", f"/posts/{post_id}"))["mine"]["likes"] is True

    for _ in range(2):
        await ben.do("DELETE", f"/posts/{post_id}/like")
    assert await counts(ama, post_id) == {"likes": 1}


async def test_who_passes_a_post_on_is_listed(sign_up: SignUp) -> None:
    """Once each; and it can be taken back."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    post_id = await post(ama)
    for _ in range(2):
        await ben.do("PUT", f"/posts/{post_id}/repost")
    await ama.do("PUT", f"/posts/{post_id}/repost")
    assert await counts(ama, post_id) == {"reposts": 2}
    first = await ama.do("GET", f"/posts/{post_id}/reposts?limit=1")
    rest = await ama.do("GET", f"/posts/{post_id}/reposts?cursor={first['next_cursor']}")
    assert [p["name"] for p in first["items"] + rest["items"]] == ["ama", "ben"]
    assert rest["next_cursor"] is None

    await ama.do("DELETE", f"/posts/{post_id}/repost")
    assert await counts(ama, post_id) == {"reposts": 1}


# Changing and taking away


async def test_words_can_be_changed_for_five_minutes(sign_up: SignUp, clock: ManualClock) -> None:
    """What they were is there to read; later they stay."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    post_id = await post(ama, "Helo #diner")
    clock.advance(300)
    changed = await ama.do("PATCH", f"/posts/{post_id}", {"text": "Hello #dinner"})

    assert (changed["text"], bool(changed["edited_at"])) == ("Hello #dinner", True)
    history = (await ben.do("GET", f"/posts/{post_id}/history"))["items"]
    assert [former["text"] for former in history] == ["Helo #diner"]
    assert await texts(ben, "/posts?tag=dinner") == ["Hello #dinner"]
    assert await texts(ben, "/posts?tag=diner") == []

    clock.advance(1)
    late = await ama.refused("PATCH", f"/posts/{post_id}", {"text": "Hi"})
    assert late == (409, "too_late_to_edit")
    assert await ben.refused("PATCH", f"/posts/{post_id}", {"text": "x"}) == (403, "not_your_post")


async def test_the_same_words_are_no_change(sign_up: SignUp) -> None:
    """Nothing is kept of what did not happen."""
    ama = await sign_up("ama")
    post_id = await post(ama, "Hello")
    assert (await ama.do("PATCH", f"/posts/{post_id}", {"text": "Hello"}))["edited_at"] is None
    assert (await ama.do("GET", f"/posts/{post_id}/history"))["items"] == []
    assert await ama.refused("PATCH", f"/posts/{post_id}", {"text": ""}) == (422, "invalid")


async def test_what_is_taken_away_is_gone(sign_up: SignUp) -> None:
    """From every list, and for everybody; nobody takes away what is another's."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    post_id = await post(ama, "Hello #dinner")
    await ben.do("PUT", f"/posts/{post_id}/like")
    await ben.do("PUT", f"/posts/{post_id}/repost")
    assert await ben.refused("DELETE", f"/posts/{post_id}") == (403, "not_your_post")

    await ama.do("DELETE", f"/posts/{post_id}")

    for person in (ama, ben):
        assert await person.refused("GET", f"/posts/{post_id}") == GONE
        assert await texts(person, "/posts?tag=dinner") == []
        assert await texts(person, "/people/@ama/posts") == []
        assert (await person.do("GET", "/timeline"))["items"] == []
    assert await ama.refused("DELETE", f"/posts/{post_id}") == GONE
    assert await ben.refused("PUT", f"/posts/{post_id}/like") == GONE


async def test_an_answered_post_leaves_its_place(sign_up: SignUp) -> None:
    """A thread keeps its shape, nothing of the text is kept, and the last to go clears up."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    root = await post(ben, "root")
    middle = await post(ama, "a secret @ben", reply_to=root)
    end = await post(ben, "end", reply_to=middle)

    await ama.do("DELETE", f"/posts/{middle}")

    thread = await ben.do("GET", f"/posts/{end}/thread")
    assert [(item["text"], item["gone"]) for item in thread["above"]] == [
        ("root", False),
        ("", True),
    ]
    gone = thread["above"][1]
    assert (gone["author"], gone["mentions"]) == (None, [])
    below = (await ben.do("GET", f"/posts/{root}/thread"))["items"]
    assert [(item["text"], item["gone"]) for item in below] == [("", True)]
    assert await counts(ben, root) == {}

    await ben.do("DELETE", f"/posts/{end}")
    assert (await ben.do("GET", f"/posts/{root}/thread"))["items"] == []


async def test_nothing_of_a_text_stays(sign_up: SignUp, instance: Instance) -> None:
    """Neither in the row that keeps the place nor in what it said before."""
    ama = await sign_up("ama")
    post_id = await post(ama, "planted words #planted")
    await ama.do("PATCH", f"/posts/{post_id}", {"text": "planted again"})
    await post(ama, "an answer", reply_to=post_id)
    await ama.do("DELETE", f"/posts/{post_id}")

    async with instance.database.read() as session:
        for column in (Post.text, PostEdit.text, PostTag.tag):
            kept = (await session.scalars(select(column))).all()
            assert not [text for text in kept if "planted" in text]


# Who sees what


async def test_those_apart_see_nothing_of_each_other(sign_up: SignUp) -> None:
    """A block hides posts both ways, in every list, as if they were not there."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    mine, yours = await post(ama, "by ama #x"), await post(ben, "by ben #x")
    below = await post(ben, "an answer", reply_to=mine)
    quoting = await post(ama, "look", quote=yours)
    await ama.do("PUT", "/people/@ben/block")

    assert await ben.refused("GET", f"/posts/{mine}") == GONE
    assert await ama.refused("GET", f"/posts/{yours}") == GONE
    assert await ben.refused("PUT", f"/posts/{mine}/like") == GONE
    assert await ben.refused("POST", "/posts", {"text": "Hi", "reply_to": mine}) == GONE
    assert await ben.refused("POST", "/posts", {"text": "Hi", "quote": mine}) == GONE
    assert await texts(ama, "/posts?tag=x") == ["by ama #x"]
    assert await texts(ben, "/posts?tag=x") == ["by ben #x"]
    assert (await ama.do("GET", f"/posts/{mine}/thread"))["items"] == []
    assert (await ama.do("GET", f"/posts/{quoting}"))["quote"]["gone"] is True
    above = (await ben.do("GET", f"/posts/{below}/thread"))["above"]
    assert [(item["text"], item["author"], item["gone"]) for item in above] == [("", None, True)]


async def test_what_is_hidden_looks_as_what_is_gone(sign_up: SignUp) -> None:
    """A place in a thread tells nothing of what stood there, nor what became of it."""
    ama, ben, eve = await sign_up("ama"), await sign_up("ben"), await sign_up("eve")
    await ben.do("PUT", "/people/@ama/follow")
    await ama.do("PATCH", "/me", {"protected": True})
    open_post = await post(eve, "open")
    hidden = await post(ama, "hidden", quote=open_post)
    gone = await post(ben, "gone", quote=open_post)
    for answered in (hidden, gone):
        await ben.do("PUT", f"/posts/{answered}/like")
    answers = [await post(ben, "an answer", reply_to=answered) for answered in (hidden, gone)]
    await ben.do("DELETE", f"/posts/{gone}")

    places = [(await eve.do("GET", f"/posts/{answer}/thread"))["above"][0] for answer in answers]
    told = [{key: place[key] for key in place if key not in ("id", "at")} for place in places]
    assert told[0] == told[1]
    assert (told[0]["quote"], told[0]["mine"], sum(told[0]["counts"].values())) == (None, None, 0)


async def test_nothing_of_somebody_suspended_is_seen(sign_up: SignUp, instance: Instance) -> None:
    """As long as it lasts: neither by itself nor in lists; afterwards it is there again."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    await ben.do("PUT", "/people/@ama/follow")
    mine = await post(ben, "mine")
    theirs = await post(ama, "theirs #x @ben")
    await ama.do("PUT", f"/posts/{mine}/like")
    await ama.do("PUT", f"/posts/{mine}/repost")
    assert len((await ben.do("GET", "/timeline"))["items"]) == 2

    async with instance.transactions.begin() as tx:
        person = await tx.session.get_one(Person, ama.id)
        await accounts.suspend(tx, person, until=None, by="")

    assert await ben.refused("GET", f"/posts/{theirs}") == GONE
    assert await texts(ben, "/posts?tag=x") == []
    assert [item["post"]["text"] for item in (await ben.do("GET", "/timeline"))["items"]] == [
        "mine"
    ]
    for word in ("likes", "reposts"):
        assert (await ben.do("GET", f"/posts/{mine}/{word}"))["items"] == []
    kinds = [item["kind"] for item in (await ben.do("GET", "/notifications"))["items"]]
    assert "mentioned" not in kinds

    async with instance.transactions.begin() as tx:
        person = await tx.session.get_one(Person, ama.id)
        await accounts.lift_suspension(tx, person, by="")
    assert (await ben.do("GET", f"/posts/{theirs}"))["text"] == "theirs #x @ben"


async def test_a_moderator_is_shown_in_a_post_what_everybody_is(
    sign_up: SignUp, appoint: Appoint
) -> None:
    """What is inside a private space they look at where it is written down that they do."""
    ama, mod = await sign_up("ama"), await appoint("mod", "moderator")
    space = await ama.do("POST", "/spaces", {"title": "Dinner", "listen_policy": "invited"})
    await ama.do("POST", f"/spaces/{space['id']}/start")
    shown = await post(ama, "", space=space["id"])

    card = (await mod.do("GET", f"/posts/{shown}"))["space"]
    assert (card["title"], card["stage"], card["counts"]) == ("Dinner", None, None)


async def test_a_protected_account_is_read_by_its_followers(
    sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """By nobody else, and nobody passes it on; nor does it count with what others see."""
    ama, ben, eve = await sign_up("ama"), await sign_up("ben"), await sign_up("eve")
    await ben.do("PUT", "/people/@ama/follow")
    open_post = await post(eve, "open")
    await ama.do("PATCH", "/me", {"protected": True})
    hidden = await post(ama, "for friends #x")
    await post(ama, "an answer", reply_to=open_post)
    await post(ama, "a quote", quote=open_post)

    assert (await ben.do("GET", f"/posts/{hidden}"))["text"] == "for friends #x"
    for other in (eve, visitor()):
        assert await other.refused("GET", f"/posts/{hidden}") == GONE
        assert await texts(other, "/posts?tag=x") == []
        assert await texts(other, "/people/@ama/posts?replies=true") == []
    assert await counts(eve, open_post) == {}
    assert (await eve.do("GET", f"/posts/{open_post}/thread"))["items"] == []
    assert await ben.refused("PUT", f"/posts/{hidden}/repost") == (403, "protected_post")
    quote = {"text": "look", "quote": hidden}
    assert await ben.refused("POST", "/posts", quote) == (403, "protected_post")


async def test_likes_do_not_tell_of_those_apart_or_protected(sign_up: SignUp) -> None:
    """The list of who likes something names nobody whom one may not see."""
    ama, ben, eve = await sign_up("ama"), await sign_up("ben"), await sign_up("eve")
    post_id = await post(ama)
    for person in (ben, eve):
        await person.do("PUT", f"/posts/{post_id}/like")
        await person.do("PUT", f"/posts/{post_id}/repost")
    await ben.do("PATCH", "/me", {"protected": True})
    await eve.do("PUT", "/people/@ama/block")

    for word in ("likes", "reposts"):
        assert (await ama.do("GET", f"/posts/{post_id}/{word}"))["items"] == []


async def test_names_are_those_of_people_who_are_there(sign_up: SignUp) -> None:
    """A name nobody has is text; so is the name of somebody with whom one is apart."""
    ama, ben, eve = await sign_up("ama"), await sign_up("ben"), await sign_up("eve")
    await eve.do("PUT", "/people/@ama/block")
    written = await ama.do("POST", "/posts", {"text": "@Ben @eve @nobody_here"})
    assert [person["id"] for person in written["mentions"]] == [ben.id]


async def test_lists_come_in_pages(sign_up: SignUp) -> None:
    """The latest first, with an end; answers only where they are asked for."""
    ama = await sign_up("ama")
    root = await post(ama, "0 #x")
    for number in range(1, 5):
        await post(ama, f"{number} #x")
    await post(ama, "an answer #x", reply_to=root)

    async def all_of(path: str) -> list[str]:
        seen: list[str] = []
        cursor = ""
        while cursor is not None:
            page = await ama.do("GET", f"{path}limit=2{cursor}")
            seen += [item["text"] for item in page["items"]]
            cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        return seen

    posts = ["4 #x", "3 #x", "2 #x", "1 #x", "0 #x"]
    assert await all_of("/people/me/posts?") == posts
    assert await all_of("/people/@ama/posts?replies=true&") == ["an answer #x", *posts]
    assert await all_of("/posts?tag=%23X&") == ["an answer #x", *posts]


async def test_writing_too_fast_is_answered(sign_up: SignUp, clock: ManualClock) -> None:
    """With how long to wait, and then it goes on."""
    ama = await sign_up("ama")
    for _ in range(30):
        await post(ama)
    answer = await ama.ask("POST", "/posts", json={"text": "Hello"})
    assert (answer.status_code, answer.json()["code"]) == (429, "slow_down")
    clock.advance(int(answer.headers["Retry-After"]))
    assert await post(ama)
