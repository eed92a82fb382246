"""What people are told of posts: once each, bundled where many do the same, and taken back."""

from typing import Any

from tests.conftest import Browser, SignUp
from tests.posts.test_posts import post
from tests.voice_notes.samples import spoken


async def told(browser: Browser) -> list[tuple[str, list[str], int]]:
    """List what somebody was told: kind, names, and how many they are."""
    page = await browser.do("GET", "/notifications")
    return [
        (item["kind"], [person["name"] for person in item["people"]], item["count"])
        for item in page["items"]
    ]


async def newest(browser: Browser) -> Any:  # noqa: ANN401 - as JSON has it
    return (await browser.do("GET", "/notifications"))["items"][0]


async def test_who_is_answered_quoted_or_named_is_told(sign_up: SignUp) -> None:
    """With the post that says so; each is told once of one post."""
    ama, ben, eve = await sign_up("ama"), await sign_up("ben"), await sign_up("eve")
    mine = await post(ama, "mine")
    answer = await post(ben, "@ama @eve @ben look", reply_to=mine)

    assert await told(ama) == [("replied", ["ben"], 1)]
    shown = {"id": answer, "text": "@ama @eve @ben look", "voice": False}
    assert (await newest(ama))["post"] == shown
    assert await told(eve) == [("mentioned", ["ben"], 1)]
    assert await told(ben) == []

    await post(eve, "see", quote=mine)
    assert (await told(ama))[0] == ("quoted", ["eve"], 1)


async def test_likes_and_reposts_are_bundled(sign_up: SignUp) -> None:
    """One line for each post, with the last first; taken back one by one."""
    ama, ben, eve = await sign_up("ama"), await sign_up("ben"), await sign_up("eve")
    mine = await post(ama, "mine")
    for word in ("like", "repost"):
        for person in (ben, eve, ama):
            await person.do("PUT", f"/posts/{mine}/{word}")
    both = ["eve", "ben"]
    assert sorted(await told(ama)) == [("liked", both, 2), ("reposted", both, 2)]
    assert (await newest(ama))["post"]["id"] == mine

    for word in ("like", "repost"):
        await eve.do("DELETE", f"/posts/{mine}/{word}")
    assert sorted(await told(ama)) == [("liked", ["ben"], 1), ("reposted", ["ben"], 1)]
    for word in ("like", "repost"):
        await ben.do("DELETE", f"/posts/{mine}/{word}")
    assert await told(ama) == []


async def test_nobody_is_told_of_what_is_gone(sign_up: SignUp) -> None:
    """What was told is taken back with the post."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    mine = await post(ama, "mine")
    answer = await post(ben, "@ama", reply_to=mine)
    await ben.do("PUT", f"/posts/{mine}/like")
    await ben.do("DELETE", f"/posts/{answer}")
    assert await told(ama) == [("liked", ["ben"], 1)]
    await ama.do("DELETE", f"/posts/{mine}")
    assert await told(ama) == []


async def test_whom_an_edit_names_is_told_once(sign_up: SignUp) -> None:
    """Who was named before is told nothing new."""
    ama, ben, eve = await sign_up("ama"), await sign_up("ben"), await sign_up("eve")
    written = await post(ama, "@ben")
    await ben.do("PUT", "/notifications/read", {"up_to": (await newest(ben))["id"]})
    await ama.do("PATCH", f"/posts/{written}", {"text": "@ben @eve"})
    assert await told(eve) == [("mentioned", ["ama"], 1)]
    assert (await newest(ben))["read"] is True


async def test_whom_an_edit_does_not_name_is_told_no_more(sign_up: SignUp) -> None:
    """A name in a post is news as long as it stands there."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    written = await post(ama, "@ben")
    await ama.do("PATCH", f"/posts/{written}", {"text": "nobody"})
    assert await told(ben) == []


async def test_words_are_shown_as_long_as_they_may_be_seen(sign_up: SignUp) -> None:
    """Who closes their account later, or is followed no more, is not read in what was told."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    await post(ama, "@ben hello")
    assert (await newest(ben))["post"]["text"] == "@ben hello"
    await ama.do("PATCH", "/me", {"protected": True})
    assert (await newest(ben))["post"] is None


async def test_nobody_is_told_of_what_they_cannot_see(sign_up: SignUp) -> None:
    """A protected account is heard by its followers; those apart hear nothing of each other."""
    ama, ben, eve = await sign_up("ama"), await sign_up("ben"), await sign_up("eve")
    by_ben, by_eve = await post(ben, "by ben"), await post(eve, "by eve")
    await ben.do("PUT", "/people/@ama/follow")
    await ama.do("PATCH", "/me", {"protected": True})
    for answered in (by_ben, by_eve):
        await post(ama, "an answer", reply_to=answered)
    assert ("replied", ["ama"], 1) in await told(ben)
    assert await told(eve) == []


async def test_a_block_takes_back_what_was_told(sign_up: SignUp) -> None:
    """Whoever muted is told nothing either."""
    ama, ben, eve = await sign_up("ama"), await sign_up("ben"), await sign_up("eve")
    mine = await post(ama, "mine")
    await post(ben, "an answer", reply_to=mine)
    for word in ("like", "repost"):
        await ben.do("PUT", f"/posts/{mine}/{word}")
    assert len(await told(ama)) == 3
    await ama.do("PUT", "/people/@ben/block")
    await ama.do("PUT", "/people/@eve/mute")
    await post(eve, "another", reply_to=mine)
    await eve.do("PUT", f"/posts/{mine}/like")
    assert await told(ama) == []


async def test_an_answer_that_is_said_aloud_is_told_as_such(sign_up: SignUp) -> None:
    """It may have no words."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    mine = await post(ama, "mine")
    note = (await ben.ask("POST", "/voice-notes", content=spoken())).json()["id"]
    answer = await ben.do("POST", "/posts", {"voice": note, "reply_to": mine})

    assert (await newest(ama))["post"] == {"id": answer["id"], "text": "", "voice": True}
