"""What administrators do with accounts: found, given a role, signed out, helped back in."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from fastapi import FastAPI

from convivium.accounts import roles, service
from convivium.accounts.models import Person
from convivium.accounts.staff import StaffOnly
from convivium.app import Instance
from convivium.core.clock import ManualClock
from tests.company import Company
from tests.conftest import PASSWORD, Appoint, Browser, SignUp
from tests.notifications.test_stream import Eye
from tests.table import actor_of

Visit = Callable[[], Browser]
DAY_S = 24 * 3600


@pytest.fixture
async def ada(appoint: Appoint) -> Browser:
    return await appoint("ada", "admin")


@pytest.fixture
async def ben(sign_up: SignUp) -> Browser:
    return await sign_up("ben")


async def names(ada: Browser, query: str) -> list[str]:
    page = await ada.do("GET", f"/admin/people?{query}")
    return [one["person"]["name"] for one in page["items"]]


async def log_of(ada: Browser) -> list[tuple[str, dict[str, Any]]]:
    entries = (await ada.do("GET", "/moderation/log"))["entries"]
    return [(one["act"], one["data"]) for one in entries]


async def kinds(browser: Browser) -> list[str]:
    return [one["kind"] for one in (await browser.do("GET", "/notifications"))["items"]]


async def test_everybody_is_listed_the_newest_first(
    ada: Browser, sign_up: SignUp, clock: ManualClock
) -> None:
    """In pages that miss nobody and show nobody twice; also when several came at one moment."""
    for name in ("ben", "chidi", "dan"):
        await sign_up(name)
    clock.advance(1)
    await sign_up("eve")

    page = await ada.do("GET", "/admin/people?limit=2")
    found = [one["person"]["name"] for one in page["items"]]
    assert found[0] == "eve"
    while page["next_cursor"]:
        page = await ada.do("GET", f"/admin/people?limit=2&cursor={page['next_cursor']}")
        found += [one["person"]["name"] for one in page["items"]]

    assert sorted(found) == ["ada", "ben", "chidi", "dan", "eve"]


async def test_they_are_found_by_name_and_narrowed(
    ada: Browser, sign_up: SignUp, appoint: Appoint
) -> None:
    """By handle and shown name, also who is protected or suspended and nobody else finds."""
    ben, _ = await sign_up("ben"), await appoint("mo")
    await ben.do("PATCH", "/me", {"protected": True, "display_name": "Zoltan Meier"})
    until = {"until": "2026-01-03T12:00:00Z", "words": "Threats."}
    await ada.do("PUT", "/moderation/people/@ben/suspension", until)

    assert await names(ada, "q=zoltan") == ["ben"]
    assert await names(ada, "q=@be") == ["ben"]
    assert await names(ada, "q=nobody") == []
    assert sorted(await names(ada, "whom=staff")) == ["ada", "mo"]
    assert await names(ada, "whom=suspended") == ["ben"]
    [shown] = (await ada.do("GET", "/admin/people?whom=suspended"))["items"]
    assert (shown["suspended"], shown["suspended_until"]) == (True, "2026-01-03T12:00:00Z")
    assert shown["protected"] is True


async def test_one_account_with_how_it_signs_in(ada: Browser, ben: Browser) -> None:
    """As far as it helps to help; no address, no browser, nothing that opens anything."""
    await ben.do("POST", "/tokens", {"name": "Bot", "scopes": ["read"]})

    shown = await ada.do("GET", "/admin/people/@ben")

    assert (shown["person"]["id"], shown["role"]) == (ben.id, "member")
    ways = {key: shown[key] for key in ("password", "passkeys", "sessions", "tokens", "email")}
    assert ways == {"password": True, "passkeys": 0, "sessions": 1, "tokens": 1, "email": False}
    assert shown["invited"] is None


async def test_a_role_is_given_and_taken(ada: Browser, ben: Browser, visitor: Visit) -> None:
    """At once; who has a lesser one signs in anew; each time it is told and written down."""
    await ada.do("PUT", "/admin/people/@ben/role", {"role": "moderator"})
    assert (await ben.do("GET", "/me"))["role"] == "moderator"
    await ben.do("GET", "/moderation/cases")

    await ada.do("PUT", "/admin/people/@ben/role", {"role": "member"})

    assert await ben.refused("GET", "/me") == (401, "not_signed_in")
    ben = visitor()
    await ben.do("POST", "/sessions", {"name": "ben", "password": PASSWORD})
    assert await ben.refused("GET", "/moderation/cases") == (403, "staff_only")
    assert await kinds(ben) == ["role_given"]
    await ada.do("PUT", "/admin/people/@ben/role", {"role": "member"})
    roles = [data["role"] for act, data in await log_of(ada) if act == "role_given"]
    assert roles == ["member", "moderator"]


async def test_what_a_token_opened_as_staff_ends_with_the_role(
    ada: Browser, ben: Browser, app: FastAPI, instance: Instance
) -> None:
    """Before the answer; the token itself is good for what its owner may still do."""
    await ada.do("PUT", "/admin/people/@ben/role", {"role": "moderator"})
    made = await ben.do("POST", "/tokens", {"name": "Bot", "scopes": ["read", "moderate"]})
    bot = Browser(app, bearer=made["secret"])
    await bot.do("GET", "/moderation/cases")
    actor = await instance.identify(bearer=made["secret"], cookies=[], network="192.0.2.1")
    async with instance.personal.stream(actor) as stream:
        eye = Eye(stream)
        assert await eye.catch_up() == ["snapshot"]
        assert eye.seen["moderation"] is not None

        await ada.do("PUT", "/admin/people/@ben/role", {"role": "member"})

        assert (await eye.catch_up())[-1] == "goodbye"
    assert await bot.refused("GET", "/moderation/cases") == (403, "staff_only")
    await bot.do("GET", "/timeline")
    await bot.http.aclose()


async def test_somebody_who_looks_sees_what_waits_as_soon_as_they_are_staff(
    ada: Browser, ben: Browser, instance: Instance
) -> None:
    """On the stream that is open."""
    async with instance.personal.stream(await actor_of(instance, ben)) as stream:
        eye = Eye(stream)
        await eye.catch_up()
        assert eye.seen["moderation"] is None

        await ada.do("PUT", "/admin/people/@ben/role", {"role": "moderator"})

        assert "moderation_changed" in await eye.catch_up()


async def test_nobody_changes_their_own_role(ada: Browser) -> None:
    """So whoever acts stays an administrator, and there is always one."""
    body = {"role": "member"}

    assert await ada.refused("PUT", "/admin/people/@ada/role", body) == (403, "not_oneself")

    assert (await ada.do("GET", "/me"))["role"] == "admin"


async def test_of_two_who_depose_each_other_one_is_left(
    ada: Browser, appoint: Appoint, instance: Instance
) -> None:
    """Who was deposed while they waited for the writer deposes nobody."""
    bo = await appoint("bo", "admin")
    async with instance.database.read() as session:
        cookie = next(iter(bo.http.cookies.jar)).value or ""
        late = await service.identify(
            session, bearer=None, cookies=[cookie], network="", now=instance.clock.now()
        )
    assert late.role == "admin"
    await ada.do("PUT", "/admin/people/@bo/role", {"role": "moderator"})

    async with instance.transactions.begin() as tx:
        victim = await tx.session.get_one(Person, ada.id)
        with pytest.raises(StaffOnly):
            await roles.give(tx, late, victim, "member")

    assert (await ada.do("GET", "/me"))["role"] == "admin"


async def test_somebody_is_signed_out_everywhere(ada: Browser, ben: Browser, app: FastAPI) -> None:
    """Browsers and tokens; they sign in anew, and read who did it to them."""
    token = (await ben.do("POST", "/tokens", {"name": "Bot", "scopes": ["read"]}))["secret"]

    await ada.do("DELETE", "/admin/people/@ben/sessions")

    assert await ben.refused("GET", "/me") == (401, "not_signed_in")
    assert await Browser(app, bearer=token).refused("GET", "/me") == (401, "not_signed_in")
    await ben.do("POST", "/sessions", {"name": "ben", "password": PASSWORD})
    assert await kinds(ben) == ["sent_out"]
    assert ("sent_out", {}) in await log_of(ada)


async def test_a_way_back_is_good_once_and_for_a_day(
    ada: Browser, ben: Browser, visitor: Visit, clock: ManualClock
) -> None:
    """With it they choose another password; it is told, written down, and no code of their own."""
    own = (await ben.do("POST", "/me/recovery-codes"))["codes"]
    first = await ada.do("POST", "/admin/people/@ben/way-back")
    made = await ada.do("POST", "/admin/people/@ben/way-back")
    assert made["name"] == "ben"
    assert made["expires_at"] == "2026-01-02T12:00:00Z"
    back, body = visitor(), {"name": "ben", "code": made["code"]}
    old = {"name": "ben", "code": first["code"]}
    assert await back.refused("POST", "/sessions/recovery", old) == (401, "wrong_credentials")

    await back.do("POST", "/sessions/recovery", body)

    assert (await back.do("GET", "/me/sign-ins"))["recovery_codes"] == len(own)
    await back.do("PUT", "/me/password", {"new": "long river stones"})
    assert await back.refused("POST", "/sessions/recovery", body) == (401, "wrong_credentials")
    assert "way_back_given" in await kinds(back)
    assert ("way_back_given", {}) in await log_of(ada)
    late = await ada.do("POST", "/admin/people/@ben/way-back")
    clock.advance(DAY_S)
    body = {"name": "ben", "code": late["code"]}
    assert await visitor().refused("POST", "/sessions/recovery", body) == (401, "wrong_credentials")


@pytest.mark.parametrize("role", ["moderator", "admin"])
async def test_nobody_gets_a_way_into_an_account_of_staff(
    ada: Browser, sign_up: SignUp, role: str
) -> None:
    """Who had it would act in their name."""
    await sign_up("ben")
    await ada.do("PUT", "/admin/people/@ben/role", {"role": role})
    way = ("POST", "/admin/people/@ben/way-back")
    assert await ada.refused(*way) == (403, "staff_keep_their_own")


@pytest.mark.usefixtures("ada")
async def test_no_script_gets_a_way_into_an_account(
    sign_up: SignUp, app: FastAPI, instance: Instance
) -> None:
    """A token that is found signs nobody in."""
    await sign_up("ben")
    async with instance.transactions.begin() as tx:
        token = await service.make_token(tx, "ada", frozenset(["write", "admin"]))
    script = Browser(app, bearer=token)
    assert (await script.refused("POST", "/admin/people/@ben/way-back"))[0] == 403


async def test_who_is_staff_no_more_finishes_nothing_as_staff(
    ada: Browser, sign_up: SignUp, instance: Instance
) -> None:
    """What they asked for as staff is asked of them again in its turn, with a token too."""
    await sign_up("ben")
    await ada.do("PUT", "/admin/people/@ben/role", {"role": "moderator"})
    async with instance.transactions.begin() as tx:
        token = await service.make_token(tx, "ben", frozenset(["moderate"]))
        now = tx.now
        find = partial(service.identify, bearer=token, cookies=[], network="x", now=now)
        actor = await find(tx.session)
        assert await service.is_valid(tx.session, actor, now)

    await ada.do("PUT", "/admin/people/@ben/role", {"role": "member"})

    async with instance.database.read() as session:
        assert not await service.is_valid(session, actor, now)
        actor = await find(session)
        assert await service.is_valid(session, actor, now)


async def test_the_log_has_no_code(ada: Browser, sign_up: SignUp) -> None:
    """Only that it was done, to whom, by whom."""
    await sign_up("ben")
    made = await ada.do("POST", "/admin/people/@ben/way-back")

    assert made["code"] not in str(await ada.do("GET", "/moderation/log"))


async def test_guests_have_no_account(company: Company) -> None:
    """And so no role, no session to end, no way back."""
    guest = (await company.browsers["guest"].do("GET", "/me"))["id"]
    admin = company.browsers["admin"]
    for method, path, body in (
        ("GET", "", None),
        ("PUT", "/role", {"role": "member"}),
        ("DELETE", "/sessions", None),
        ("POST", "/way-back", None),
    ):
        asked = await admin.refused(method, f"/admin/people/{guest}{path}", body)
        assert asked == (403, "guest")
