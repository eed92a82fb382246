"""Pictures in posts: sent first, then written about, and seen by whoever sees the post."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.files.service import UNUSED_MAX
from tests.conftest import Appoint, Browser, SignUp
from tests.pictures.samples import PLANTED, drawn, with_place
from tests.pictures.test_faces import files

NOT_THERE = (404, "picture_not_found")
DAY = timedelta(days=1).total_seconds()


async def send(browser: Browser, data: bytes | None = None) -> str:
    """Send a picture for a post; each is another one."""
    answer = await browser.ask("POST", "/pictures", content=data or drawn())
    assert answer.status_code == 201, answer.text
    sent: str = answer.json()["id"]
    return sent


async def post(browser: Browser, *ids: str, **more: object) -> dict[str, Any]:
    """Write a post that shows pictures."""
    shown = [{"id": each, "description": f"The picture {at}"} for at, each in enumerate(ids)]
    written: dict[str, Any] = await browser.do("POST", "/posts", {"pictures": shown, **more})
    return written


async def sees(browser: Browser, picture: str) -> bool:
    """Tell whether somebody may fetch a picture; both sizes are as the other."""
    answers = [await browser.ask("GET", f"/pictures/{picture}/{size}") for size in (640, 1600)]
    assert len({answer.status_code for answer in answers}) == 1
    assert answers[0].status_code in (200, 404)
    return answers[0].status_code == 200


async def test_a_post_shows_pictures_in_their_order_with_their_words(sign_up: SignUp) -> None:
    """With the words of the post or without any."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    ids = [await send(ama, drawn(size=(100 + n, 50))) for n in range(4)]
    ids.reverse()

    written = await post(ama, *ids)

    shown = (await ben.do("GET", f"/posts/{written['id']}"))["pictures"]
    assert shown == [
        {"id": each, "width": 103 - at, "height": 50, "description": f"The picture {at}"}
        for at, each in enumerate(ids)
    ]
    quoting = await ben.do("POST", "/posts", {"text": "look", "quote": written["id"]})
    assert quoting["quote"]["pictures"] == shown
    assert (await ama.do("GET", "/people/@ama/posts"))["items"][0]["pictures"] == shown


async def test_a_picture_is_sent_for_one_post_by_whoever_writes_it(sign_up: SignUp) -> None:
    """Not for two, not by another, not a face, not five, not the same twice."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    ids = [await send(ama) for _ in range(5)]
    await post(ama, ids[0])

    def body(*which: str) -> dict[str, object]:
        return {"text": "look", "pictures": [{"id": each} for each in which]}

    for who, wanted in ((ama, ids[0]), (ben, ids[1]), (ama, "x")):
        assert await who.refused("POST", "/posts", body(wanted)) == NOT_THERE
    assert (await ama.refused("POST", "/posts", body(*ids)))[0] == 422
    assert (await ama.refused("POST", "/posts", body(ids[1], ids[1])))[0] == 422
    long = {"pictures": [{"id": ids[1], "description": "x" * 501}]}
    assert (await ama.refused("POST", "/posts", long))[0] == 422
    assert (await ben.do("GET", "/people/@ama/posts"))["items"][1:] == []


async def test_who_asks_again_writes_one_post(sign_up: SignUp) -> None:
    """The answer may have been lost."""
    ama = await sign_up("ama")
    body = {"text": "", "pictures": [{"id": await send(ama)}]}
    headers = {"Idempotency-Key": "once"}

    first, again = [
        (await ama.ask("POST", "/posts", json=body, headers=headers)).json() for _ in range(2)
    ]

    assert first == again
    assert len(first["pictures"]) == 1


async def test_other_words_leave_the_pictures(sign_up: SignUp) -> None:
    """Also no words at all."""
    ama = await sign_up("ama")
    written = await post(ama, await send(ama), text="look")

    changed = await ama.do("PATCH", f"/posts/{written['id']}", {"text": ""})

    assert (changed["text"], changed["pictures"]) == ("", written["pictures"])


async def test_a_post_that_goes_takes_its_pictures_along(
    instance: Instance, sign_up: SignUp, settings: Settings
) -> None:
    """With their files, and also where an answer keeps the place."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    picture = await send(ama)
    written = await post(ama, picture)
    await ben.do("POST", "/posts", {"text": "nice", "reply_to": written["id"]})

    await ama.do("DELETE", f"/posts/{written['id']}")
    await instance.jobs.run_due()

    assert not await sees(ama, picture)
    assert not await sees(ben, picture)
    assert files(settings) == set()


async def test_whoever_sees_the_post_sees_the_picture_and_nobody_else(
    sign_up: SignUp, visitor: Callable[[], Browser], appoint: Appoint
) -> None:
    """Each time it is asked: a block, a lock and a suspension hold at once."""
    marta = await appoint("marta")
    ama, ben, chi = await sign_up("ama"), await sign_up("ben"), await sign_up("chi")
    await ben.do("PUT", "/people/@ama/follow")
    picture = await send(ama)
    people = {"ama": ama, "ben": ben, "chi": chi, "anybody": visitor(), "marta": marta}

    async def who() -> set[str]:
        return {name for name, browser in people.items() if await sees(browser, picture)}

    assert await who() == {"ama"}
    await post(ama, picture)
    assert await who() == set(people)

    await ama.do("PUT", "/people/@chi/block")
    assert await who() == set(people) - {"chi"}

    await ama.do("PATCH", "/me", {"protected": True})
    assert await who() == {"ama", "ben"}
    await ama.do("PATCH", "/me", {"protected": False})
    await ama.do("DELETE", "/people/@chi/block")
    assert await who() == set(people)

    why = {"words": "hateful", "until": None}
    await marta.do("PUT", "/moderation/people/@ama/suspension", why)
    assert await who() == set()


async def test_a_browser_asks_each_time_and_is_sent_nothing_twice(sign_up: SignUp) -> None:
    """And keeps for itself what it has; whoever may not see it is not told that it is the same."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    picture = await send(ama)
    await post(ama, picture)
    path = f"/pictures/{picture}/640"

    first = await ben.ask("GET", path)
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["vary"] == "Authorization, Cookie"
    assert first.headers["x-content-type-options"] == "nosniff"
    assert first.headers["content-type"] == "image/webp"
    same = {"If-None-Match": first.headers["etag"]}
    again = await ben.ask("GET", path, headers=same)
    assert (again.status_code, again.content) == (304, b"")

    await ama.do("PUT", "/people/@ben/block")
    assert (await ben.ask("GET", path, headers=same)).status_code == 404


async def test_what_no_post_shows_is_forgotten_after_a_day(
    instance: Instance, sign_up: SignUp, clock: ManualClock, settings: Settings
) -> None:
    """With its files; what stands in a post and what shows somebody stay."""
    ama = await sign_up("ama")
    await ama.ask("PUT", "/me/picture", content=drawn())
    shown, unused = await send(ama, drawn(size=(40, 40))), await send(ama)
    await post(ama, shown)
    clock.advance(DAY - 1)
    await instance.sweep_pictures()
    assert await sees(ama, unused)

    clock.advance(2)
    await instance.sweep_pictures()
    await instance.jobs.run_due()

    assert not await sees(ama, unused)
    assert await sees(ama, shown)
    assert len(files(settings)) == 5
    assert await ama.refused("POST", "/posts", {"pictures": [{"id": unused}]}) == NOT_THERE


async def test_somebody_has_so_many_and_no_more(
    sign_up: SignUp, clock: ManualClock, instance: Instance
) -> None:
    """Of those that wait for a post."""
    ama = await sign_up("ama")
    ids = []
    for _ in range(UNUSED_MAX):
        ids.append(await send(ama))
        clock.advance(60)

    answer = await ama.ask("POST", "/pictures", content=drawn())
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_pictures")

    await post(ama, ids[0])
    await send(ama)
    del instance


async def test_nothing_planted_in_a_picture_reaches_anybody(
    sign_up: SignUp, settings: Settings
) -> None:
    """The place where it was taken is in no file and no answer."""
    ama = await sign_up("ama")
    picture = await send(ama, with_place("JPEG"))
    await post(ama, picture)

    assert PLANTED not in (await ama.ask("GET", f"/pictures/{picture}/1600")).content
    for path in settings.data.rglob("*"):
        assert not path.is_file() or PLANTED not in path.read_bytes(), path
