"""Whoever leaves takes everything along, and leaves nothing behind but what is said."""

import io
import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select

from convivium.accounts import service as accounts
from convivium.accounts.models import Person
from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.core.database import Base
from convivium.core.errors import Busy
from convivium.leaving import export, service
from convivium.leaving.api import LeavingLimits
from convivium.posts.models import Post
from tests.conftest import PASSWORD, Appoint, Browser, OpenTable, SignUp
from tests.notifications.test_stream import look
from tests.pictures.samples import drawn
from tests.table import Table, watch

# In everything that zoe writes, and nowhere else.
PLANT = "xylophonquark"
RECENT_S = 11 * 60
DAY_S = 24 * 3600


async def plant(zoe: Browser, ben: Browser, table: Table) -> str:
    """Let zoe leave words wherever there is a field for some; gives a post of ben's she likes."""
    await zoe.do("PATCH", "/me", {"display_name": f"Zoe {PLANT}", "bio": f"I am {PLANT}"})
    kind = {"Content-Type": "image/png"}
    assert (await zoe.ask("PUT", "/me/picture", content=drawn(), headers=kind)).is_success
    card = await zoe.do("POST", "/spaces", {"title": PLANT, "description": PLANT})
    await zoe.do("POST", f"/spaces/{card['id']}/start")
    await zoe.do("POST", f"/spaces/{card['id']}/end")
    own = await zoe.do("POST", "/posts", {"text": f"#{PLANT} @ben"})
    await zoe.do("PATCH", f"/posts/{own['id']}", {"text": f"{PLANT} again"})
    await ben.do("POST", "/posts", {"text": "No", "reply_to": own["id"]})
    post = await ben.do("POST", "/posts", {"text": "Bread"})
    for word in ("like", "repost"):
        await zoe.do("PUT", f"/posts/{post['id']}/{word}")
    await zoe.do("POST", "/posts", {"text": f"Yes {PLANT}", "reply_to": post["id"]})
    await ben.do("PUT", "/people/@zoe/follow")
    await zoe.do("PUT", "/people/@ben/follow")
    await zoe.do("POST", "/messages", {"to": ["@ben"], "text": f"Psst {PLANT}"})
    await table.join(zoe)
    await zoe.do("POST", f"{table.path}/chat", {"text": f"Hello {PLANT}"})
    await zoe.do("POST", f"{table.path}/requests", {"note": f"Me {PLANT}"})
    await zoe.do("POST", "/tokens", {"name": PLANT, "scopes": ["read"]})
    return str(post["id"])


async def everything(instance: Instance) -> dict[str, str]:
    """Give all rows of each table as text."""
    async with instance.database.read() as session:
        return {
            name: str((await session.execute(select(table))).all())
            for name, table in Base.metadata.tables.items()
        }


async def holding(instance: Instance, word: str) -> set[str]:
    return {name for name, rows in (await everything(instance)).items() if word in rows}


@pytest.fixture
async def ben(sign_up: SignUp) -> Browser:
    return await sign_up("ben")


@pytest.fixture
async def zoe(sign_up: SignUp) -> Browser:
    return await sign_up("zoe")


async def test_nothing_is_left_of_who_leaves(
    open_table: OpenTable, ben: Browser, zoe: Browser, instance: Instance
) -> None:
    """In no table, and in no file; what others did stays, and counts as it did before."""
    table = await open_table()
    post = await plant(zoe, ben, table)
    planted = await holding(instance, PLANT)
    assert {"post", "post_edit", "message", "chat_line", "space", "profile", "token"} <= planted

    await zoe.do("DELETE", "/me")
    await instance.jobs.run_due()

    assert await holding(instance, PLANT) == set()
    assert await holding(instance, zoe.id) <= {"audit_entry", "notification"}
    bread = await ben.do("GET", f"/posts/{post}")
    assert bread["counts"] == {"likes": 0, "reposts": 0, "replies": 0, "quotes": 0}
    assert await ben.refused("GET", "/people/@zoe") == (404, "person_not_found")
    assert PLANT not in str(await table.host.do("GET", f"{table.path}/chat"))


@pytest.mark.usefixtures("on_sqlite")
async def test_the_file_of_the_database_has_nothing_either(
    open_table: OpenTable, ben: Browser, zoe: Browser, instance: Instance
) -> None:
    """Not even in pages that are free now."""
    table = await open_table()
    await plant(zoe, ben, table)
    await zoe.do("DELETE", "/me")
    for _ in range(8):
        await instance.jobs.run_due()

    await instance.database.close()
    # As the next start does, where the last one left something in the log.
    with closing(sqlite3.connect(instance.settings.data / "convivium.sqlite3")) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    files = [file for file in instance.settings.data.rglob("*") if file.is_file()]
    assert [file.name for file in files if file.suffix == ".webp"] == []
    assert [file.name for file in files if PLANT.encode() in file.read_bytes()] == []


async def test_it_is_over_with_the_answer(
    open_table: OpenTable, zoe: Browser, visitor: Callable[[], Browser], instance: Instance
) -> None:
    """Before anything is forgotten: no session, no call, no seat, no way to sign in."""
    table = await open_table()
    await table.join(zoe)
    await table.seat(zoe)
    token = (await zoe.do("POST", "/tokens", {"name": "x", "scopes": ["read"]}))["secret"]

    async with AsyncExitStack() as stack:
        room = await watch(table, stack, zoe)
        own = await look(instance, zoe, stack)
        answer = await zoe.ask("DELETE", "/me")
        await room.catch_up()
        await own.catch_up()

    goodbye = {"reason": "deleted", "reconnect": False}
    assert room.events[-1]["data"] == own.events[-1]["data"] == goodbye
    assert answer.status_code == 204
    assert "session" in answer.headers["set-cookie"]
    assert zoe.id not in set(instance.calls.registry.people(table.id))
    [left] = (await table.host.do("GET", table.path))["stage"]
    assert left["person"]["name"] == "ama"
    credentials = {"name": "zoe", "password": PASSWORD}
    # Suspended for the moment that it takes to forget them, then unknown.
    assert (await visitor().ask("POST", "/sessions", json=credentials)).status_code in (401, 403)
    headers = {"Authorization": f"Bearer {token}"}
    assert (await visitor().ask("GET", "/me", headers=headers)).status_code == 401


@pytest.mark.usefixtures("ben")
async def test_much_is_forgotten_a_part_at_a_time(
    zoe: Browser, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part in a transaction of its own."""
    monkeypatch.setattr(service, "AT_ONCE", 2)
    for number in range(5):
        await zoe.do("POST", "/posts", {"text": f"Number {number}"})
        await zoe.do("POST", "/messages", {"to": ["@ben"], "text": f"Number {number}"})
    await zoe.do("DELETE", "/me")

    for _ in range(4):
        await instance.jobs.run_due()

    async with instance.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Post)) == 0
        assert await session.scalar(select(Person.id).where(Person.id == zoe.id)) is None


async def test_it_takes_a_recent_sign_in(zoe: Browser, clock: ManualClock) -> None:
    """A browser that was left open gives nothing away, and deletes nobody."""
    clock.advance(RECENT_S)
    assert await zoe.refused("DELETE", "/me") == (403, "sign_in_again")
    assert await zoe.refused("GET", "/me/export") == (403, "sign_in_again")
    await zoe.do("PUT", "/sessions/current", {"password": PASSWORD})
    await zoe.do("DELETE", "/me")


async def test_the_last_administrator_stays(appoint: Appoint, instance: Instance) -> None:
    """Until there is another one."""
    first = await appoint("ada", role="admin")
    assert await first.refused("DELETE", "/me") == (409, "last_admin")
    await appoint("ida", role="admin")
    await first.do("DELETE", "/me")
    await instance.jobs.run_due()


@pytest.mark.usefixtures("zoe")
async def test_a_suspended_administrator_looks_after_nothing(
    appoint: Appoint, instance: Instance
) -> None:
    """Nor does one who is just leaving."""
    ada, ida = await appoint("ada", role="admin"), await appoint("ida", role="admin")
    async with instance.transactions.begin() as tx:
        person = await tx.session.get_one(Person, ida.id)
        await accounts.suspend(tx, person, until=None, by=ada.id)

    assert await ada.refused("DELETE", "/me") == (409, "last_admin")


async def test_those_who_waited_for_a_space_are_told_that_it_is_off(
    ben: Browser, zoe: Browser, instance: Instance, clock: ManualClock
) -> None:
    """It stays for a day, and the rest of its host goes at once."""
    card = await zoe.do("POST", "/spaces", {"title": "Later", "starts_at": "2026-01-03T12:00:00Z"})
    await zoe.do("POST", "/posts", {"text": "Soon"})
    await ben.do("PUT", f"/spaces/{card['id']}/reminders/me")

    await zoe.do("DELETE", "/me")
    for _ in range(3):
        await instance.jobs.run_due()

    [told] = (await ben.do("GET", "/notifications"))["items"]
    assert (told["kind"], told["space"]["title"]) == ("cancelled", "Later")
    assert await holding(instance, "Soon") == set()
    clock.advance(DAY_S + 60)
    for _ in range(3):
        await instance.jobs.run_due()
    assert await holding(instance, "Later") == set()
    assert "person" not in await holding(instance, zoe.id)


def test_two_are_packed_at_once(clock: ManualClock, settings: Settings) -> None:
    """Whoever comes third comes again: packing reads the database for long."""
    limits = LeavingLimits(clock, settings)
    with limits.packing(), limits.packing(), pytest.raises(Busy), limits.packing():
        pass
    with limits.packing():
        pass


async def archive_of(browser: Browser) -> dict[str, list[dict[str, Any]]]:
    """Fetch somebody's archive and read it."""
    answer = await browser.ask("GET", "/me/export")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.testzip() is None
        return {
            Path(name).stem: [json.loads(line) for line in packed.read(name).splitlines()]
            for name in packed.namelist()
            if name.endswith(".jsonl")
        }


async def test_everything_can_be_taken_along(
    open_table: OpenTable, ben: Browser, zoe: Browser
) -> None:
    """Every word of one's own is in it, none of others, and nothing that proves who one is."""
    await plant(zoe, ben, await open_table())
    await ben.do("PUT", "/people/@zoe/block")

    found = await archive_of(zoe)

    assert {row["text"] for row in found["post"]} >= {f"{PLANT} again", f"Yes {PLANT}"}
    assert [row["text"] for row in found["post_edit"]] == [f"#{PLANT} @ben"]
    assert found["person"][0]["name"] == "zoe"
    for name in ("space", "message", "chat_line", "profile", "token", "speak_request"):
        assert PLANT in json.dumps(found[name]), name
    text = json.dumps(found)
    assert "Bread" not in text
    assert found["block"] == []
    assert "secret_hash" not in text
    assert all(
        row["written_at"].endswith("Z") and "+" not in row["written_at"] for row in found["post"]
    )
    assert not {"password", "recovery_code"} & set(found)


async def test_pictures_are_in_it(open_table: OpenTable, ben: Browser, zoe: Browser) -> None:
    """The largest there is of each."""
    await plant(zoe, ben, await open_table())
    answer = await zoe.ask("GET", "/me/export")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        [name] = [name for name in packed.namelist() if name.startswith("pictures/")]
        assert Image.open(io.BytesIO(packed.read(name))).size == (512, 512)


async def test_nobody_fetches_it_over_and_over(zoe: Browser) -> None:
    """It is read row by row."""
    answers = [(await zoe.ask("GET", "/me/export")).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]


def test_every_table_about_people_is_in_the_archive_or_left_out_for_a_reason() -> None:
    """A new table has to be given its place."""
    about = {
        name
        for name, table in Base.metadata.tables.items()
        if any(key.column.table.name == "person" for key in table.foreign_keys)
    }
    assert about - set(export.tables()) - set(export.LEFT_OUT) == set()
    assert set(export.LEFT_OUT) <= about
