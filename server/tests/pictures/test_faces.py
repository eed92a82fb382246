"""Pictures that show people: who sends them, who sees them, and where they are afterwards."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from httpx import Response

from convivium.app import Instance
from convivium.core import web
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.files.shelves import LEFT_BEHIND_S, SHELVES
from convivium.pictures import album as albums
from tests.conftest import Appoint, Browser, OpenTable, SignUp
from tests.pictures.samples import PLANTED, drawn, no_pictures, with_place
from tests.table import fresh_snapshot

OTHER = drawn(colour="green", size=(90, 90))


async def wear(browser: Browser, data: bytes | None = None, kind: str = "image/png") -> Response:
    """Send a picture of oneself."""
    headers = {"Content-Type": kind}
    return await browser.ask("PUT", "/me/picture", content=data or drawn(), headers=headers)


async def worn(browser: Browser, data: bytes | None = None) -> str:
    """Send a picture of oneself, and give its name."""
    answer = await wear(browser, data)
    assert answer.status_code == 200, answer.text
    name: str = answer.json()["picture"]
    return name


def files(settings: Settings) -> set[str]:
    """Name what lies in the folder of pictures."""
    return {path.name for path in settings.pictures_path.rglob("*") if path.is_file()}


def of(*names: str) -> set[str]:
    """Name the files of faces."""
    return {f"{name}-{size}.webp" for name in names for size in (64, 128, 512)}


async def test_a_face_is_seen_wherever_the_person_is(
    open_table: OpenTable, visitor: Callable[[], Browser], settings: Settings
) -> None:
    """On the profile, beside what they write, in the room, at once, and by everybody."""
    table = await open_table("ama")
    post = await table.host.do("POST", "/posts", {"text": "hello"})

    name = await worn(table.host)

    anybody = visitor()
    assert (await anybody.do("GET", "/people/@ama"))["picture"] == name
    assert (await anybody.do("GET", f"/posts/{post['id']}"))["author"]["picture"] == name
    assert (await table.host.do("GET", "/me"))["picture"] == name
    assert (await fresh_snapshot(table, table.host))["stage"][0]["person"]["picture"] == name
    assert files(settings) == of(name)


async def test_a_picture_is_sent_as_a_picture_and_nothing_else(
    sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """Whatever it was called when it came, and kept by browsers for good: its name is its own."""
    name = await worn(await sign_up("ama"))

    for size in (64, 128, 512):
        answer = await visitor().ask("GET", f"/faces/{name}/{size}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/webp"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.content[:4] == b"RIFF"


@pytest.mark.parametrize(
    "path",
    [
        "/faces/00000000000000000000000000000000/64",
        "/faces/..%2f..%2fconvivium/64",
        "/faces/{name}/640",
        "/faces/{name}/64.webp",
        "/faces/{upper}/64",
        "/pictures/{name}/640",
    ],
)
async def test_there_are_no_other_names(sign_up: SignUp, path: str) -> None:
    """Nor ways out of the folder."""
    ama = await sign_up("ama")
    name = await worn(ama)

    answer = await ama.ask("GET", path.format(name=name, upper=name.upper()))

    assert answer.status_code in (404, 422)


async def test_nothing_planted_in_a_picture_is_kept(sign_up: SignUp, settings: Settings) -> None:
    """In no file of the whole folder, which holds the database too."""
    ama = await sign_up("ama")
    assert PLANTED in with_place("JPEG")
    await worn(ama, with_place("JPEG"))

    for path in settings.data.rglob("*"):
        assert not path.is_file() or PLANTED not in path.read_bytes(), path


@pytest.mark.parametrize("what", ["nothing", "a page", "an SVG", "half a PNG", "a GIF"])
async def test_what_is_no_picture_changes_nothing(
    sign_up: SignUp, settings: Settings, what: str
) -> None:
    """Also when it is called one."""
    ama = await sign_up("ama")
    sent = {"content": no_pictures()[what], "headers": {"Content-Type": "image/png"}}

    for method, path in (("PUT", "/me/picture"), ("POST", "/pictures")):
        answer = await ama.ask(method, path, **sent)
        assert (answer.status_code, answer.json()["code"]) == (422, "not_a_picture")
    assert files(settings) == set()
    assert "picture" not in await ama.do("GET", "/me")


async def test_a_picture_has_more_room_than_words_have_and_no_more(sign_up: SignUp) -> None:
    """Eight megabytes, on these two addresses alone."""
    ama = await sign_up("ama")
    longer, too_long = drawn() + b"\0" * 100_000, drawn() + b"\0" * 8_000_000

    assert (await wear(ama, longer)).status_code == 200
    assert (await wear(ama, too_long)).status_code == 413
    for method, path in (("PATCH", "/me"), ("POST", "/posts"), ("POST", "/me/picture")):
        answer = await ama.ask(method, path, content=longer)
        assert answer.status_code in (405, 413), path


async def test_a_picture_that_does_not_end_is_not_waited_for(
    sign_up: SignUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has a minute; the place it held is free again."""
    ama = await sign_up("ama")
    monkeypatch.setattr(web, "LARGER_BODY_WAIT_S", 0.05)

    async def held_back() -> AsyncIterator[bytes]:
        yield drawn()
        await asyncio.Event().wait()

    for _ in range(albums.IN_HAND + 1):
        answer = await ama.ask("PUT", "/me/picture", content=held_back())
        assert answer.status_code == 408
    assert (await wear(ama)).status_code == 200


async def test_few_pictures_are_in_hand_at_a_time(instance: Instance, sign_up: SignUp) -> None:
    """Who comes when all places are taken is told to come again."""
    ama = await sign_up("ama")
    places = instance.album.places

    with ExitStack() as taken:
        for at in range(places.in_all):
            taken.enter_context(places.hold(f"other {at}"))
        answer = await wear(ama)

    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert answer.headers["retry-after"] == "2"
    assert (await wear(ama)).status_code == 200


async def test_somebody_sends_so_many_and_no_more(sign_up: SignUp) -> None:
    """The limit answers before anything is read."""
    ama = await sign_up("ama")
    for _ in range(20):
        assert (await wear(ama, b"x")).status_code == 422

    answer = await wear(ama)

    assert (answer.status_code, answer.json()["code"]) == (429, "slow_down")


async def test_another_face_takes_the_place_of_the_former(
    instance: Instance, sign_up: SignUp, settings: Settings
) -> None:
    """Whose files are gone then; nobody has the old one by its name."""
    ama = await sign_up("ama")
    former = await worn(ama)
    name = await worn(ama, OTHER)
    assert (await ama.ask("GET", f"/faces/{former}/64")).status_code == 404

    await instance.jobs.run_due()

    assert files(settings) == of(name)
    assert (await ama.ask("GET", f"/faces/{name}/64")).status_code == 200


async def test_the_same_face_again_stays(
    instance: Instance, sign_up: SignUp, settings: Settings
) -> None:
    """Its files are those of a row."""
    ama = await sign_up("ama")
    name = await worn(ama)
    assert await worn(ama) == name

    await instance.jobs.run_due()

    assert files(settings) == of(name)
    assert (await ama.ask("GET", f"/faces/{name}/64")).status_code == 200


async def test_one_goes_back_to_ones_pebble(
    instance: Instance, sign_up: SignUp, settings: Settings
) -> None:
    """Twice is the same as once."""
    ama = await sign_up("ama")
    name = await worn(ama)

    for _ in range(2):
        assert "picture" not in await ama.do("DELETE", "/me/picture")
    await instance.jobs.run_due()

    assert files(settings) == set()
    assert (await ama.ask("GET", f"/faces/{name}/64")).status_code == 404


async def test_two_people_have_the_same_picture_each_for_themselves(
    instance: Instance, sign_up: SignUp, settings: Settings
) -> None:
    """One goes, the other stays."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    names = await worn(ama), await worn(ben)
    assert len(set(names)) == 2

    await ama.do("DELETE", "/me/picture")
    await instance.jobs.run_due()

    assert files(settings) == of(names[1])


async def test_files_that_went_meanwhile_are_kept_once_more(
    instance: Instance, sign_up: SignUp, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job that removes them may come between the files and their row."""
    ama = await sign_up("ama")
    make = instance.album.make

    async def make_and_lose(*what):  # type: ignore[no-untyped-def]  # noqa: ANN002, ANN202
        made = await make(*what)
        instance.album.shelves.remove(made.name)
        return made

    monkeypatch.setattr(instance.album, "make", make_and_lose)

    assert of(await worn(ama)) == files(settings)


async def test_nobody_sees_the_face_of_the_suspended_but_staff(
    sign_up: SignUp, appoint: Appoint, visitor: Callable[[], Browser]
) -> None:
    """As with what they wrote; once they are let back in it is seen again."""
    marta, ama, ben = await appoint("marta"), await sign_up("ama"), await sign_up("ben")
    path = f"/faces/{await worn(ama)}/64"
    why = {"words": "hateful", "until": None}
    await marta.do("PUT", "/moderation/people/@ama/suspension", why)

    for other in (ben, visitor()):
        assert (await other.ask("GET", path)).status_code == 404
    answer = await marta.ask("GET", path)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-cache")

    await marta.do("DELETE", "/moderation/people/@ama/suspension")
    assert (await ben.ask("GET", path)).status_code == 200


async def test_staff_take_a_face_away(
    sign_up: SignUp, appoint: Appoint, instance: Instance, settings: Settings
) -> None:
    """With its files, and it is written down."""
    marta, admin = await appoint("marta"), await appoint("root", "admin")
    ama = await sign_up("ama")
    await worn(ama)

    for _ in range(2):
        await marta.do("DELETE", "/moderation/people/@ama/picture")
    await instance.jobs.run_due()

    assert "picture" not in await ama.do("GET", "/me")
    assert files(settings) == set()
    log = (await admin.do("GET", "/moderation/log"))["entries"]
    assert [entry["act"] for entry in log].count("picture_taken") == 1


async def test_guests_have_no_face(open_table: OpenTable, visitor: Callable[[], Browser]) -> None:
    """They are a still life, until they sign up."""
    table, guest = await open_table("ama"), visitor()
    await table.join(guest)

    answer = await wear(guest)

    assert (answer.status_code, answer.json()["code"]) == (403, "guest")


async def test_a_file_that_is_missing_is_told_so(sign_up: SignUp, settings: Settings) -> None:
    """An operator may have lost some; nothing breaks by it."""
    ama = await sign_up("ama")
    name = await worn(ama)
    (settings.pictures_path / name[:2] / f"{name}-64.webp").unlink()

    answer = await ama.ask("GET", f"/faces/{name}/64")

    assert (answer.status_code, answer.json()["code"]) == (404, "picture_not_found")


def _aged(settings: Settings, name: str) -> Path:
    """Put down a file that was there yesterday, on the first shelf."""
    path = settings.pictures_path / "00" / f"00{name}-64.webp"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    then = path.stat().st_mtime - LEFT_BEHIND_S - 60
    os.utime(path, (then, then))
    return path


async def test_what_a_killed_server_left_behind_is_swept_up(
    instance: Instance, sign_up: SignUp, settings: Settings, clock: ManualClock
) -> None:
    """Files without a row, once they are old enough; those with one stay."""
    del clock
    name = await worn(await sign_up("ama"))
    left, fresh = _aged(settings, "a" * 30), _aged(settings, "b" * 30)
    begun = left.with_suffix(".part")
    begun.write_bytes(b"RIFF")
    os.utime(begun, (left.stat().st_mtime,) * 2)
    os.utime(fresh)
    for size in (64, 128, 512):
        kept = instance.album.path(name, size)
        then = kept.stat().st_mtime - LEFT_BEHIND_S - 60
        os.utime(kept, (then, then))

    for _ in range(SHELVES):
        await instance.sweep_pictures()
    await instance.jobs.run_due()

    assert not left.exists()
    assert not begun.exists()
    assert fresh.exists()
    assert of(name) <= files(settings)
