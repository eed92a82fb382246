"""A new password by a letter: to whose address it is, once, and nobody else learns of it."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import Response
from sqlalchemy import event, select

from convivium.accounts import service
from convivium.accounts.models import PasswordReset, Person
from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.core.jobs import Job
from tests.conftest import PASSWORD, Browser
from tests.databases import Beginning
from tests.delivery import test_mail as mail
from tests.delivery.postbox import Postbox
from tests.delivery.test_mail import AMA, SITE, confirmed, mail_by, part
from tests.delivery.time import Pass

NEW = "long river stones"
HALF_AN_HOUR_S = 30 * 60


@pytest.fixture
def settings(data_folder: Path, empty_database: Beginning, box: Postbox) -> Settings:
    return empty_database.settings(data_folder, **mail_by(box))


async def ask(browser: Browser, address: str = AMA) -> Response:
    return await browser.ask("POST", "/password-resets", json={"address": address})


def token_in(box: Postbox) -> str:
    found = re.search(rf"{SITE}/new-password#([A-Za-z0-9_-]+)", part(box.came[-1], "plain"))
    assert found, "the letter has a link"
    return found[1]


async def forgotten(ama: Browser, box: Postbox, pass_s: Pass) -> dict[str, str]:
    """Let Ama, who has an address, have a letter; gives what its link is used with."""
    await confirmed(ama, box, pass_s)
    assert (await ask(ama)).status_code == 204
    await pass_s(0)
    return {"token": token_in(box), "password": NEW}


async def test_somebody_sets_a_new_password_by_a_letter(
    ama: Browser, visitor: Callable[[], Browser], box: Postbox, pass_s: Pass
) -> None:
    """They are signed in with it, every other browser is signed out, and they are told."""
    link = await forgotten(ama, box, pass_s)
    [letter] = box.came
    assert box.to == [[AMA]]
    assert "@ama" in part(letter, "plain")
    assert link["token"] in part(letter, "html")
    other = visitor()
    me = await other.do("POST", "/sessions/letter", link)
    assert me["name"] == "ama"
    assert (await other.do("GET", "/me"))["name"] == "ama"
    assert await ama.refused("GET", "/me") == (401, "not_signed_in")

    wrong = {"name": "ama", "password": PASSWORD}
    assert await visitor().refused("POST", "/sessions", wrong) == (401, "wrong_credentials")
    await visitor().do("POST", "/sessions", wrong | {"password": NEW})
    await pass_s(0)
    assert [one["Subject"] for one in box.came] == [
        "Set a new password",
        "Your password was changed",
    ]
    assert link["token"] not in box.came[-1].as_string()


async def test_a_new_password_leaves_no_other_way_open(
    ama: Browser, visitor: Callable[[], Browser], box: Postbox, pass_s: Pass, app: FastAPI
) -> None:
    """Neither a token, nor an address that somebody else may have claimed in one's name."""
    link = await forgotten(ama, box, pass_s)
    made = await ama.do("POST", "/tokens", {"name": "x", "scopes": ["read"]})
    await ama.do("PUT", "/me/email", {"address": "evil@example.org"})
    await pass_s(0)
    claim = {"token": mail.token_in(box.came[-1])}

    await visitor().do("POST", "/sessions/letter", link)

    assert await visitor().refused("POST", "/email-confirmations", claim) == (404, "link_unknown")
    by_token = Browser(app, bearer=made["secret"])
    assert await by_token.refused("GET", "/me") == (401, "not_signed_in")


@pytest.mark.parametrize("does", ["password", "address", "another"])
async def test_a_link_is_void_once_one_has_seen_to_it(
    ama: Browser, visitor: Callable[[], Browser], box: Postbox, pass_s: Pass, does: str
) -> None:
    """By another password, without the address, or with another one."""
    link = await forgotten(ama, box, pass_s)
    if does == "password":
        await ama.do("PUT", "/me/password", {"old": PASSWORD, "new": "long river stones"})
    elif does == "address":
        await ama.do("DELETE", "/me/email")
    else:
        await confirmed(ama, box, pass_s, "new@example.org")
    assert await visitor().refused("POST", "/sessions/letter", link) == (404, "reset_over")


async def test_whoever_came_by_a_letter_may_add_a_passkey(
    ama: Browser, box: Postbox, pass_s: Pass
) -> None:
    """It shows that it is them, as a password does."""
    await ama.do("POST", "/sessions/letter", await forgotten(ama, box, pass_s))
    await ama.do("POST", "/passkeys/options")


async def test_a_link_works_once(
    ama: Browser, visitor: Callable[[], Browser], box: Postbox, pass_s: Pass
) -> None:
    """Whoever finds the letter later finds nothing."""
    link = await forgotten(ama, box, pass_s)
    await visitor().do("POST", "/sessions/letter", link)
    assert await visitor().refused("POST", "/sessions/letter", link) == (404, "reset_over")


async def test_a_link_works_for_half_an_hour(
    ama: Browser, instance: Instance, box: Postbox, pass_s: Pass, clock: ManualClock
) -> None:
    """Then it is forgotten."""
    link = await forgotten(ama, box, pass_s)
    clock.advance(HALF_AN_HOUR_S)
    assert await ama.refused("POST", "/sessions/letter", link) == (404, "reset_over")
    await instance.forget_old()
    async with instance.database.read() as session:
        assert (await session.scalars(select(PasswordReset))).all() == []


async def test_a_newer_letter_ends_the_one_before(ama: Browser, box: Postbox, pass_s: Pass) -> None:
    """Only the last one works."""
    link = await forgotten(ama, box, pass_s)
    await ask(ama)
    await pass_s(0)
    assert await ama.refused("POST", "/sessions/letter", link) == (404, "reset_over")
    await ama.do("POST", "/sessions/letter", link | {"token": token_in(box)})


async def test_nothing_says_whether_there_is_such_an_address(
    ama: Browser, instance: Instance, box: Postbox, pass_s: Pass, visitor: Callable[[], Browser]
) -> None:
    """Neither words nor what is done for it: as much is looked up and written for nobody."""
    await confirmed(ama, box, pass_s)
    # Only claimed, never confirmed: as unknown as any other.
    await ama.do("PUT", "/me/email", {"address": "claimed@example.org"})
    await pass_s(0)
    box.came.clear()
    browser, said = visitor(), list[tuple[Response, list[str]]]()
    here = asyncio.current_task()
    for address in (AMA, "nobody@example.org", "claimed@example.org"):
        statements: list[str] = []

        def note(*about: object, into: list[str] = statements) -> None:
            if asyncio.current_task() is here:
                into.append(str(about[2]))

        engine = instance.database._writer.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        answer = await ask(browser, address)
        event.remove(engine, "before_cursor_execute", note)
        said.append((answer, statements))
    first, first_statements = said[0]
    for answer, statements in said[1:]:
        assert (answer.status_code, answer.content) == (first.status_code, first.content)
        assert dict(answer.headers).keys() == dict(first.headers).keys()
        assert statements == first_statements
    await pass_s(0)
    assert box.to[-1:] == [[AMA]]
    assert len(box.came) == 1


async def test_no_address_is_kept_for_it(
    ama: Browser, instance: Instance, box: Postbox, pass_s: Pass
) -> None:
    """Nor a secret: what is to be done names people, and the link's hash is enough."""
    await confirmed(ama, box, pass_s)
    await ask(ama, "nobody@example.org")
    await ask(ama)
    async with instance.database.read() as session:
        jobs = (await session.scalars(select(Job))).all()
    assert sorted(job.payload["people"] for job in jobs) == [[], [ama.id]]
    assert "example.org" not in "".join(f"{job.key} {job.payload}" for job in jobs)
    await pass_s(0)
    async with instance.database.read() as session:
        [reset] = (await session.scalars(select(PasswordReset))).all()
        assert (await session.scalars(select(Job))).all() == []
    assert token_in(box) != reset.secret_hash
    assert len(reset.secret_hash) == 64


async def test_large_letters_make_no_difference(ama: Browser, box: Postbox, pass_s: Pass) -> None:
    """And the letter goes where its person said, not where somebody typed."""
    await confirmed(ama, box, pass_s)
    await ask(ama, "AMA@Example.ORG")
    await pass_s(0)
    assert box.to == [[AMA]]


async def test_each_account_of_an_address_has_its_letter(
    ama: Browser, ben: Browser, box: Postbox, pass_s: Pass
) -> None:
    """In which it is named."""
    for browser in (ama, ben):
        await confirmed(browser, box, pass_s)
    await ask(ama)
    await pass_s(0)
    assert box.to == [[AMA], [AMA]]
    named = [re.findall(r"@(ama|ben)\b(?!@)", part(one, "plain"))[0] for one in box.came]
    assert named == ["ama", "ben"]


async def test_a_letter_that_was_not_taken_goes_again(
    ama: Browser, box: Postbox, pass_s: Pass
) -> None:
    """With another link, since nobody keeps the secret."""
    await confirmed(ama, box, pass_s)
    box.answers = ["451 later"]
    await ask(ama)
    await pass_s(0)
    assert box.came == []
    await pass_s(60)
    await ama.do("POST", "/sessions/letter", {"token": token_in(box), "password": NEW})


async def test_nobody_is_flooded(
    ama: Browser, box: Postbox, pass_s: Pass, clock: ManualClock
) -> None:
    """An address as little as those who guess at many; the answer is the same for nobody's."""
    await confirmed(ama, box, pass_s)
    for address in (AMA, "nobody@example.org"):
        statuses = [(await ask(ama, address)).status_code for _ in range(4)]
        assert statuses == [204, 204, 204, 429]
    for number in range(2):
        assert (await ask(ama, f"{number}@example.org")).status_code == 204
    assert (await ask(ama, "more@example.org")).status_code == 429
    clock.advance(20 * 60)
    assert (await ask(ama)).status_code == 204


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"token": "guessed", "password": NEW}, (404, "reset_over")),
        ({"token": "guessed", "password": "short"}, (404, "reset_over")),
        ({"token": "no token", "password": NEW}, (422, "invalid")),
        ({"token": "", "password": NEW}, (422, "invalid")),
        ({"password": NEW}, (422, "invalid")),
    ],
)
async def test_what_is_no_link_is_refused(
    visitor: Callable[[], Browser], body: object, status: tuple[int, str]
) -> None:
    """In words."""
    assert await visitor().refused("POST", "/sessions/letter", body) == status


async def test_a_guess_has_nothing_hashed(
    visitor: Callable[[], Browser], instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or whoever guesses would keep the machine busy."""

    async def never(_password: str) -> str:
        raise AssertionError

    monkeypatch.setattr(instance.passwords, "hash", never)
    body = {"token": "guessed", "password": NEW}
    assert await visitor().refused("POST", "/sessions/letter", body) == (404, "reset_over")


async def test_whoever_is_suspended_stays_so(
    ama: Browser, instance: Instance, box: Postbox, pass_s: Pass, visitor: Callable[[], Browser]
) -> None:
    """The password is theirs, to appeal with; nothing else comes of it."""
    link = await forgotten(ama, box, pass_s)
    async with instance.transactions.begin() as tx:
        person = await tx.session.get_one(Person, ama.id)
        await service.suspend(tx, person, until=None, by="")
    browser = visitor()
    assert await browser.refused("POST", "/sessions/letter", link) == (403, "suspended")
    shown = {"name": "ama", "password": NEW}
    assert await browser.refused("POST", "/sessions", shown) == (403, "suspended")


async def test_whoever_took_their_address_away_has_no_letter(
    ama: Browser, box: Postbox, pass_s: Pass
) -> None:
    """Also between asking and writing."""
    await confirmed(ama, box, pass_s)
    await ask(ama)
    await ama.do("DELETE", "/me/email")
    await pass_s(0)
    assert box.came == []
