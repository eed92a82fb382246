"""Who may sign up: from which age on, and by the waiting list."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from convivium.accounts import joining, service, waiting
from convivium.accounts.joining import BirthDateNeeded, TooYoung, Wish, check_age
from convivium.accounts.models import EmailClaim, Password, Person, SignIn, Waiting
from convivium.app import Instance
from convivium.core.actor import Role
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.core.database import Base
from convivium.core.errors import Malformed, Refusal
from tests.accounts.authenticator import Authenticator
from tests.conftest import PASSWORD, Browser
from tests.databases import Beginning
from tests.table import OFFER, SDP

Visit = Callable[[], Browser]
TODAY = date(2026, 3, 1)
DAY_S = 24 * 3600


@pytest.fixture
def settings(
    data_folder: Path, empty_database: Beginning, request: pytest.FixtureRequest
) -> Settings:
    words: dict[str, Any] = getattr(request, "param", {"sign_up": "waiting"})
    return empty_database.settings(data_folder, **words)


def with_settings(**words: object) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("settings", [words], indirect=True)


def body(name: str = "ama", **more: object) -> dict[str, object]:
    return {"name": name, "password": PASSWORD, **more}


async def wait_in_line(visitor: Visit, name: str = "ama", **more: object) -> Browser:
    """Let somebody stand on the list."""
    browser = visitor()
    me = await browser.do("POST", "/accounts", body(name, **more))
    assert me["kind"] == "waiting"
    browser.id, browser.name = me["id"], me["name"]
    return browser


# Age


@pytest.mark.parametrize(
    ("born", "refused"),
    [
        (date(2010, 3, 1), None),
        (date(2010, 3, 2), TooYoung),
        (date(2010, 2, 28), None),
        (date(1990, 12, 31), None),
        (date(2026, 3, 1), TooYoung),
        (None, BirthDateNeeded),
        (date(2026, 3, 2), Malformed),
        (date(1870, 1, 1), Malformed),
    ],
)
def test_from_which_birthday_on(born: date | None, refused: type[Refusal] | None) -> None:
    """On the very day, not the one before; a day on which nobody was born is no age."""
    if refused is None:
        check_age(16, Wish(born=born), TODAY)
        return
    with pytest.raises(refused) as caught:
        check_age(16, Wish(born=born), TODAY)
    assert type(caught.value) is refused


def test_whoever_was_born_on_a_leap_day_has_a_birthday_each_year() -> None:
    """On the first of March."""
    leap = Wish(born=date(2012, 2, 29))
    with pytest.raises(TooYoung):
        check_age(14, leap, date(2026, 2, 28))

    check_age(14, leap, date(2026, 3, 1))


def test_nobody_asks_where_there_is_no_age() -> None:
    """Nor looks at what a browser remembers of other days."""
    check_age(0, Wish(was_too_young=True), TODAY)


@with_settings(minimum_age=16)
async def test_too_young_a_browser_waits_a_day(visitor: Visit, instance: Instance) -> None:
    """With kind words; the same browser is refused whatever it says next, another one is not."""
    young, old = body(birth_date="2011-01-01"), body(birth_date="1990-01-01")
    ben = visitor()
    assert (await ben.do("GET", "/sign-up"))["too_young"] is False

    answer = await ben.ask("POST", "/accounts", json=young)

    assert (answer.status_code, answer.json()["code"]) == (403, "too_young")
    assert answer.json()["minimum_age"] == 16
    assert "welcome to listen" in answer.json()["detail"]
    assert "Max-Age=86400" in answer.headers["set-cookie"]
    assert await ben.refused("POST", "/accounts", old) == (403, "too_young")
    assert (await ben.do("GET", "/sign-up"))["too_young"] is True
    async with instance.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Person)) == 0
    await visitor().do("POST", "/accounts", old)


@with_settings(minimum_age=16)
async def test_no_birth_date_is_kept(visitor: Visit, instance: Instance) -> None:
    """In no column of any table."""
    await visitor().do("POST", "/accounts", body(birth_date="1971-08-09"))

    async with instance.database.read() as session:
        for table in Base.metadata.tables.values():
            assert "1971" not in str((await session.execute(select(table))).all())


@with_settings(minimum_age=16)
@pytest.mark.parametrize(
    ("born", "code"),
    [(None, "birth_date_needed"), ("yesterday", "invalid"), ("2011-02-30", "invalid")],
)
async def test_it_takes_a_date(visitor: Visit, born: str | None, code: str) -> None:
    """Each is told in a sentence, and no browser remembers it."""
    asked = visitor()

    assert await asked.refused("POST", "/accounts", body(birth_date=born)) == (422, code)

    await asked.do("POST", "/accounts", body(birth_date="1990-01-01"))


@with_settings(minimum_age=16, sign_ups_burst=3, sign_ups_per_s=0.01)
async def test_a_network_tries_as_often_as_it_may_sign_up(visitor: Visit) -> None:
    """Other browsers of the same household, too."""
    for _ in range(3):
        young = body(birth_date="2011-01-01")
        assert (await visitor().refused("POST", "/accounts", young))[1] == "too_young"

    assert (await visitor().refused("POST", "/accounts", body()))[0] == 429


@with_settings(minimum_age=16, sign_up="waiting")
async def test_one_door_for_every_way_to_sign_up(instance: Instance) -> None:
    """What another way asks before it makes an account answers as this one does."""
    async with instance.transactions.begin() as tx:
        born = date(1990, 1, 1)
        admitted = await joining.admit(tx, instance.settings, Wish(born=born, note="hi"))
        assert (admitted.waits, admitted.note) == (True, "hi")
        with pytest.raises(TooYoung):
            await joining.admit(tx, instance.settings, Wish(born=date(2020, 1, 1)))
        with pytest.raises(joining.InvitationSpent):
            await joining.admit(tx, instance.settings, Wish("x", born))


# The waiting list


async def test_who_waits_is_nobody_yet(visitor: Visit, instance: Instance) -> None:
    """To every route, to others, and to those who look for them; they see that they wait."""
    mod = await staff_of(instance, visitor)
    ama = await wait_in_line(visitor, note="I bake bread.")

    shown = (await ama.do("GET", "/sign-up"))["waiting"]
    assert (shown["name"], shown["note"], shown["refused"]) == ("ama", "I bake bread.", False)
    for path in ("/me", "/timeline", "/me/export", "/me/sign-ins", "/moderation/waiting"):
        assert await ama.refused("GET", path) == (401, "not_signed_in")
    assert await ama.refused("POST", "/posts", {"text": "hi"}) == (401, "not_signed_in")
    for who in ("@ama", ama.id):
        assert await mod.refused("GET", f"/people/{who}") == (404, "person_not_found")
        assert (await mod.refused("PUT", f"/people/{who}/follow"))[0] == 404
    assert (await mod.do("GET", "/search?q=ama&kind=people"))["people"]["items"] == []
    assert (await mod.do("GET", f"/people?ids={ama.id}"))["items"] == []
    told = await mod.do("POST", "/posts", {"text": "hello @ama"})
    assert told["mentions"] == []


async def staff_of(instance: Instance, visitor: Visit, role: Role = "moderator") -> Browser:
    """Make one of staff where nobody signs up just so."""
    async with instance.transactions.begin() as tx:
        hashed = await instance.passwords.hash(PASSWORD)
        person = await service.sign_up(tx, name="mo", password_hash=hashed, role=role)
    browser = visitor()
    await browser.do("POST", "/sessions", {"name": "mo", "password": PASSWORD})
    browser.id, browser.name = person.id, "mo"
    return browser


async def test_a_session_of_who_waits_is_worth_nothing_however_they_sign_in(
    visitor: Visit,
) -> None:
    """By the password once more, elsewhere: they see the list there, and nothing else."""
    await wait_in_line(visitor)
    other = visitor()

    assert (await other.do("POST", "/sessions", body()))["kind"] == "waiting"

    assert await other.refused("GET", "/me") == (401, "not_signed_in")
    assert (await other.do("GET", "/sign-up"))["waiting"]["name"] == "ama"
    await other.do("DELETE", "/sessions/current")
    assert (await other.do("GET", "/sign-up"))["waiting"] is None


async def test_signing_out_ends_the_session_of_who_waits(
    visitor: Visit, instance: Instance
) -> None:
    """The row too, so that a copied cookie is worth nothing once they are let in."""
    ama = await wait_in_line(visitor)
    await ama.do("DELETE", "/sessions/current")

    async with instance.database.read() as session:
        row = await session.scalar(select(SignIn).where(SignIn.person_id == ama.id))
        assert row is not None
        assert row.expires_at <= instance.clock.now()


async def test_whoever_is_let_in_is_there_with_the_next_visit(
    visitor: Visit, instance: Instance, clock: ManualClock
) -> None:
    """By the very same cookie; the account is as old as that, and they are told."""
    mod, ama = await staff_of(instance, visitor), await wait_in_line(visitor, note="Bread.")
    clock.advance(3 * DAY_S)
    [waits] = (await mod.do("GET", "/moderation/waiting"))["items"]
    assert (waits["id"], waits["note"]) == (ama.id, "Bread.")

    await mod.do("POST", f"/moderation/waiting/{ama.id}/let-in")

    me = await ama.do("GET", "/me")
    assert (me["kind"], me["id"]) == ("account", ama.id)
    assert (await ama.do("GET", "/sign-up"))["waiting"] is None
    [told] = (await ama.do("GET", "/notifications"))["items"]
    assert told["kind"] == "let_in"
    assert (await mod.do("GET", "/search?q=ama&kind=people"))["people"]["items"]
    assert (await mod.do("GET", "/moderation/waiting"))["items"] == []
    async with instance.database.read() as session:
        person = await session.get_one(Person, ama.id)
        assert person.created_at == clock.now()
    for act in ("let-in", "turn-away"):
        path = f"/moderation/waiting/{ama.id}/{act}"
        assert await mod.refused("POST", path) == (404, "not_waiting")


async def test_whoever_is_turned_away_sees_it_and_is_forgotten(
    visitor: Visit, instance: Instance, clock: ManualClock
) -> None:
    """For a week, in which the name is theirs; then nothing is left."""
    mod, ama = await staff_of(instance, visitor), await wait_in_line(visitor)

    await mod.do("POST", f"/moderation/waiting/{ama.id}/turn-away")

    assert (await ama.do("GET", "/sign-up"))["waiting"]["refused"] is True
    assert await ama.refused("GET", "/me") == (401, "not_signed_in")
    assert (await mod.do("GET", "/moderation/waiting"))["items"] == []
    assert await visitor().refused("POST", "/accounts", body()) == (409, "name_taken")
    clock.advance(7 * DAY_S - 1)
    await instance.forget_old()
    assert await kept(instance, ama.id)
    clock.advance(1)
    await instance.forget_old()
    assert not await kept(instance, ama.id)


async def kept(instance: Instance, person_id: str) -> set[str]:
    """List the tables in which there is something of somebody."""
    whose = (
        Person.id,
        Password.person_id,
        SignIn.person_id,
        Waiting.person_id,
        EmailClaim.person_id,
    )
    found = set()
    async with instance.database.read() as session:
        for column in whose:
            if await session.scalar(select(func.count()).where(column == person_id)):
                found.add(column.class_.__tablename__)
    return found


@with_settings(
    sign_up="waiting",
    smtp_host="127.0.0.1",
    smtp_port=9,
    mail_from="hello@table.example",
    public_url="https://table.example",
)
async def test_who_withdraws_leaves_nothing_behind(visitor: Visit, instance: Instance) -> None:
    """Asked once more they are told that they do not wait; the name is free."""
    ama = await wait_in_line(visitor, email="ama@example.org")
    assert "email_claim" in await kept(instance, ama.id)

    await ama.do("DELETE", "/sign-up")

    assert await kept(instance, ama.id) == set()
    assert await ama.refused("DELETE", "/sign-up") == (401, "not_signed_in")
    await wait_in_line(visitor)


async def test_nobody_withdraws_an_account(visitor: Visit, instance: Instance) -> None:
    """Deleting one is another thing, and asks who it is."""
    mod = await staff_of(instance, visitor)

    assert await mod.refused("DELETE", "/sign-up") == (401, "not_signed_in")

    await mod.do("GET", "/me")


async def test_who_is_never_answered_is_forgotten(
    visitor: Visit, instance: Instance, clock: ManualClock
) -> None:
    """After three months."""
    ama = await wait_in_line(visitor)
    clock.advance(waiting.WAITS_FOR.total_seconds() - 1)
    await instance.forget_old()
    assert "person" in await kept(instance, ama.id)

    clock.advance(1)
    await instance.forget_old()

    assert await kept(instance, ama.id) == set()


async def test_an_invitation_goes_past_the_list(visitor: Visit, instance: Instance) -> None:
    """A code that works lets in at once; one that does not is no place on the list."""
    async with instance.transactions.begin() as tx:
        _, code = await joining.invite(tx, uses=1, days=1)

    assert (await visitor().do("POST", "/accounts", body(invitation=code)))["kind"] == "account"

    ben = body("ben", invitation=code)
    assert await visitor().refused("POST", "/accounts", ben) == (403, "invitation_spent")


async def test_one_can_wait_with_a_passkey(visitor: Visit, instance: Instance) -> None:
    """And signs in with it once they are let in."""
    mod, ama, device = await staff_of(instance, visitor), visitor(), Authenticator()
    options = await ama.do("POST", "/accounts/passkey/options", {"name": "ama"})
    made = {"name": "ama", "passkey": device.make(options)}
    me = await ama.do("POST", "/accounts", made)
    assert me["kind"] == "waiting"
    await mod.do("POST", f"/moderation/waiting/{me['id']}/let-in")

    other = visitor()
    asked = await other.do("POST", "/sessions/passkey/options")
    shown = await other.do("POST", "/sessions/passkey", {"passkey": device.show(asked)})

    assert (shown["kind"], shown["id"]) == ("account", me["id"])


async def test_the_list_comes_in_pages_and_is_not_endless(
    visitor: Visit, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waits longest stands first; when it is full one is told to come later."""
    monkeypatch.setattr(joining, "WAITING_MAX", 3)
    mod = await staff_of(instance, visitor)
    for name in ("ama", "ben", "chidi"):
        await wait_in_line(visitor, name)
    assert await visitor().refused("POST", "/accounts", body("dan")) == (409, "waiting_list_full")

    first = await mod.do("GET", "/moderation/waiting?limit=2")
    rest = await mod.do("GET", f"/moderation/waiting?cursor={first['next_cursor']}")

    assert [one["name"] for one in first["items"] + rest["items"]] == ["ama", "ben", "chidi"]
    assert rest["next_cursor"] is None
    await mod.do("POST", f"/moderation/waiting/{first['items'][0]['id']}/turn-away")
    await wait_in_line(visitor, "dan")


async def test_a_guest_who_waits_listens_on_as_a_guest(visitor: Visit, instance: Instance) -> None:
    """Nothing of theirs ends for asking."""
    mod, guest = await staff_of(instance, visitor), visitor()
    card = await mod.do("POST", "/spaces", {"title": "Kitchen table"})
    await mod.do("POST", f"/spaces/{card['id']}/start")
    await guest.ask("POST", f"/spaces/{card['id']}/call", content=OFFER, headers=SDP)
    was = await guest.do("GET", "/me")
    assert was["kind"] == "guest"

    assert (await guest.do("POST", "/accounts", body()))["kind"] == "waiting"

    assert await guest.do("GET", "/me") == was
    await guest.do("DELETE", "/sessions/current")
    async with instance.database.read() as session:
        rows = await session.scalars(select(SignIn.expires_at))
        assert [ends <= instance.clock.now() for ends in rows].count(True) == 2, "both ended"


async def test_whoever_came_to_look_too_much_like_another_goes_by_the_handle(
    visitor: Visit, instance: Instance
) -> None:
    """A name that was free when they asked may not be any more."""
    mod = await staff_of(instance, visitor)
    ama = await wait_in_line(visitor, display_name="Zoe")
    async with instance.transactions.begin() as tx:
        person = await tx.session.get_one(Person, ama.id)
        person.likeness, name = None, person.display_name
        await tx.session.flush()
        await service.sign_up(tx, name="other", password_hash=None, display_name=name, role="admin")

    await mod.do("POST", f"/moderation/waiting/{ama.id}/let-in")

    assert (await ama.do("GET", "/me"))["display_name"] == "ama"
