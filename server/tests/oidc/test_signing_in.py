"""Signing in by a provider: found again by who one is there, new under the same doors as others."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from convivium.accounts import service
from convivium.accounts.models import Identity, Person, SignIn
from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.core.ids import fingerprint
from convivium.oidc.claims import Said
from convivium.oidc.provider import Provider
from tests.conftest import PASSWORD, Browser, SignUp
from tests.oidc.conftest import CHURCH, LIBRARY, Go, Way, follow
from tests.oidc.fake_provider import AMA, FakeProvider

Visitor = Callable[[], Browser]


async def signed_up(browser: Browser, go: Go, name: str = "ama", **more: object) -> dict[str, Any]:
    """Make an account of who comes from the provider."""
    assert (await (await go(browser)).end()).json()["what"] == "introduced"
    me: dict[str, Any] = await browser.do(
        "POST", "/accounts", {"name": name, "provider": True, **more}
    )
    browser.id, browser.name = me["id"], me["name"]
    return me


async def linked(browser: Browser, provider_id: str = LIBRARY) -> Way:
    """Go there to link it."""
    visit = await browser.do("POST", f"/me/visits/{provider_id}", {"purpose": "link"})
    return await follow(browser, provider_id, visit["address"])


async def identities(instance: Instance) -> list[tuple[str, str]]:
    async with instance.database.read() as session:
        rows = await session.scalars(select(Identity))
        return [(one.person_id, one.subject) for one in rows]


async def test_somebody_new_finds_a_name_and_comes_back_by_it(
    visitor: Visitor, go: Go, provider: FakeProvider, instance: Instance
) -> None:
    """What the provider calls them is where they begin; who they are there is what is kept."""
    browser = visitor()
    came = await (await go(browser)).end()
    assert came.json() == {
        "what": "introduced",
        "next": "/explore",
        "me": None,
        "newcomer": {"name": "ama_mensah", "display_name": "Ama Mensah"},
    }
    assert await browser.refused("GET", "/me") == (401, "not_signed_in")
    me = await browser.do("POST", "/accounts", {"name": "ama", "provider": True})
    assert (await browser.do("GET", "/me"))["id"] == me["id"]
    assert await identities(instance) == [(me["id"], AMA["sub"])]

    # As somebody else is called there by now: it is the same person.
    provider.person |= {"preferred_username": "other", "name": "Other", "email": "o@example.org"}
    again = visitor()
    came = await (await go(again)).end()
    assert came.json()["what"] == "signed_in"
    assert came.json()["me"]["id"] == me["id"]
    assert (await again.do("GET", "/me"))["name"] == "ama"
    [identity] = (await again.do("GET", "/me/sign-ins"))["identities"]
    assert (identity["provider"], identity["label"], identity["used"]) == (
        "library",
        "Library",
        "2026-01-01",
    )


async def test_it_is_asked_for_little_and_safely(
    visitor: Visitor, go: Go, provider: FakeProvider
) -> None:
    """With PKCE, a state and a nonce of this browser; no address is asked for."""
    await go(visitor())
    await go(visitor())
    first, second = (one.query for one in provider.asked if one.path == "/authorize")
    assert first["scope"] == "openid profile"
    assert first["code_challenge_method"] == "S256"
    assert first["redirect_uri"] == "https://convivium.test/sign-in/library"
    for word in ("state", "nonce", "code_challenge"):
        assert len(first[word]) == 43
        assert first[word] != second[word]
    assert len({first["state"], first["nonce"], first["code_challenge"]}) == 3
    # What it says of itself is asked for once.
    assert provider.count("/realm/.well-known/openid-configuration") == 1


async def test_the_note_of_a_visit_is_for_the_server_alone(visitor: Visitor) -> None:
    """No script reads it, no other host gets it, and it goes when the visit is over."""
    led = await visitor().ask("GET", "/sign-in/oidc/library")
    [cookie] = led.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-convivium_visit=")
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=600"):
        assert part.lower() in cookie.lower()
    assert led.headers["referrer-policy"] == "no-referrer"


async def test_the_session_is_another_one_after_signing_in(
    visitor: Visitor, go: Go, instance: Instance
) -> None:
    """What a browser had before is worth nothing for who signs in."""
    browser = visitor()
    await signed_up(browser, go)
    before = browser.http.cookies["__Host-convivium_session"]
    await (await go(browser)).end()
    after = browser.http.cookies["__Host-convivium_session"]
    assert before != after
    async with instance.database.read() as session:
        found = select(SignIn).where(SignIn.secret_hash == fingerprint(after))
        signed_in = (await session.scalars(found)).one()
    assert signed_in.proved_by == "provider"


@pytest.mark.parametrize("email_verified", [True, False])
async def test_an_address_opens_nothing(
    sign_up: SignUp,
    visitor: Visitor,
    go: Go,
    provider: FakeProvider,
    *,
    email_verified: bool,
) -> None:
    """Nor does a name: whoever claims there to be Ama is somebody new here."""
    ama = await sign_up("ama")
    provider.person = {
        "sub": "mallory",
        "preferred_username": "ama",
        "name": "Ama",
        "email": "ama@example.org",
        "email_verified": email_verified,
    }
    mallory = visitor()
    came = (await (await go(mallory)).end()).json()
    assert (came["what"], came["me"]) == ("introduced", None)
    refused = await mallory.refused("POST", "/accounts", {"name": "ama", "provider": True})
    assert refused == (409, "name_taken")
    assert (await ama.do("GET", "/me/sign-ins"))["identities"] == []


async def test_the_same_subject_elsewhere_is_somebody_else(
    visitor: Visitor, go: Go, instance: Instance
) -> None:
    """A number means nothing without who gave it."""
    await signed_up(visitor(), go)
    came = await (await go(visitor(), CHURCH)).end()
    assert came.json()["what"] == "introduced"
    assert len(await identities(instance)) == 1


@pytest.mark.parametrize(
    ("said", "name", "display_name"),
    [
        ({"preferred_username": "José.García@example.org", "name": "José"}, "jose_garcia", "José"),
        ({"preferred_username": "عمر", "name": "عمر"}, "", "عمر"),
        ({"name": "<script>alert(1)</script>"}, "", "<script>alert(1)</script>"),
        ({"name": "A\u202eB\nC\x00"}, "", "AB C"),
        ({"preferred_username": "x" * 1000, "name": "y" * 1000}, "x" * 30, "y" * 50),
        ({"preferred_username": 7, "name": ["z"]}, "", ""),
        ({}, "", ""),
    ],
)
async def test_what_one_is_called_there_is_cleaned(
    visitor: Visitor,
    go: Go,
    provider: FakeProvider,
    said: dict[str, Any],
    name: str,
    display_name: str,
) -> None:
    """It is where somebody begins, whatever it is."""
    provider.person = {"sub": "x", **said}
    came = (await (await go(visitor())).end()).json()
    assert came["newcomer"] == {"name": name, "display_name": display_name}


async def test_nobody_new_without_an_introduction(visitor: Visitor) -> None:
    """By this browser, and not too long ago; the introduction is sealed."""
    browser = visitor()
    body = {"name": "ama", "provider": True}
    assert await browser.refused("POST", "/accounts", body) == (409, "introduction_over")
    browser.http.cookies.set("__Host-convivium_introduction", "eyJ9.made-up")
    assert await browser.refused("POST", "/accounts", body) == (409, "introduction_over")


async def test_an_introduction_lasts_half_an_hour(
    visitor: Visitor, go: Go, clock: ManualClock
) -> None:
    """Then the provider is asked anew."""
    browser = visitor()
    await (await go(browser)).end()
    clock.advance(1800)
    body = {"name": "ama", "provider": True}
    assert await browser.refused("POST", "/accounts", body) == (409, "introduction_over")


async def test_a_visits_note_introduces_nobody(visitor: Visitor, go: Go) -> None:
    """What is sealed for one thing is no good for another."""
    browser = visitor()
    await go(browser)
    note = browser.http.cookies["__Host-convivium_visit"]
    browser.http.cookies.set("__Host-convivium_introduction", note)
    body = {"name": "ama", "provider": True}
    assert await browser.refused("POST", "/accounts", body) == (409, "introduction_over")


async def test_two_accounts_by_one_identity_are_not_made(visitor: Visitor, go: Go) -> None:
    """Though two browsers were introduced before there was one."""
    first, second = visitor(), visitor()
    for browser in (first, second):
        await (await go(browser)).end()
    await first.do("POST", "/accounts", {"name": "ama", "provider": True})
    refused = await second.refused("POST", "/accounts", {"name": "amma", "provider": True})
    assert refused == (409, "identity_taken")
    assert await first.refused("GET", "/people/@amma") == (404, "person_not_found")


async def test_whoever_is_suspended_reads_so(visitor: Visitor, go: Go, instance: Instance) -> None:
    """As with every other way in."""
    browser = visitor()
    me = await signed_up(browser, go)
    async with instance.transactions.begin() as tx:
        person = await tx.session.get_one(Person, me["id"])
        await service.suspend(tx, person, until=None, by="")
    again = visitor()
    refused = await (await go(again)).end()
    assert (refused.status_code, refused.json()["code"]) == (403, "suspended")
    assert "__Host-convivium_session" not in again.http.cookies


class TestDoors:
    """Where signing up is not for everybody, it is not for those who come from a provider."""

    @pytest.fixture
    def more_settings(self) -> dict[str, Any]:
        return {"sign_up": "invitation"}

    async def test_it_takes_an_invitation(self, visitor: Visitor, go: Go) -> None:
        """The same as for everybody."""
        browser = visitor()
        await (await go(browser)).end()
        refused = await browser.refused("POST", "/accounts", {"name": "ama", "provider": True})
        assert refused == (403, "invitation_needed")


# Linking


async def test_somebody_links_a_provider_and_unlinks_it(
    sign_up: SignUp, visitor: Visitor, go: Go
) -> None:
    """And signs in by it in between."""
    ama = await sign_up("ama")
    came = await (await linked(ama)).end()
    assert came.json()["what"] == "linked"
    [identity] = (await ama.do("GET", "/me/sign-ins"))["identities"]
    other = visitor()
    assert (await (await go(other)).end()).json()["me"]["id"] == ama.id
    await ama.do("DELETE", f"/me/identities/{identity['id']}")
    assert (await (await go(visitor())).end()).json()["what"] == "introduced"


async def test_linking_takes_a_sign_in_of_late(sign_up: SignUp, clock: ManualClock) -> None:
    """Another way in is more than a browser left open may give; so is taking one away."""
    ama = await sign_up("ama")
    await (await linked(ama)).end()
    [identity] = (await ama.do("GET", "/me/sign-ins"))["identities"]
    clock.advance(601)
    body = {"purpose": "link"}
    assert await ama.refused("POST", "/me/visits/church", body) == (403, "sign_in_again")
    path = f"/me/identities/{identity['id']}"
    assert await ama.refused("DELETE", path) == (403, "sign_in_again")


async def test_an_identity_of_somebody_else_is_not_linked(
    sign_up: SignUp, instance: Instance
) -> None:
    """Nor a second one of the same provider; the same one again is linked already."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    await (await linked(ama)).end()
    taken = await (await linked(ben)).end()
    assert (taken.status_code, taken.json()["code"]) == (409, "identity_taken")
    assert (await (await linked(ama)).end()).status_code == 200
    assert await identities(instance) == [(ama.id, AMA["sub"])]


async def test_a_second_identity_of_one_provider_is_not_linked(
    sign_up: SignUp, provider: FakeProvider
) -> None:
    """Nobody could tell the two apart in the settings."""
    ama = await sign_up("ama")
    await (await linked(ama)).end()
    provider.person["sub"] = "another"
    taken = await (await linked(ama)).end()
    assert (taken.status_code, taken.json()["code"]) == (409, "identity_taken")


async def test_a_link_is_for_the_session_that_asked(sign_up: SignUp, instance: Instance) -> None:
    """Who signed in as somebody else meanwhile links nothing to them."""
    ama = await sign_up("ama")
    await sign_up("ben")
    way = await linked(ama)
    await ama.do("POST", "/sessions", {"name": "ben", "password": PASSWORD})
    refused = await way.end()
    assert (refused.status_code, refused.json()["code"]) == (409, "visit_over")
    assert await identities(instance) == []


async def test_what_came_back_is_for_the_browser_that_went(visitor: Visitor, go: Go) -> None:
    """Whoever is sent a stranger's way back is not signed in as the stranger (CSRF)."""
    way = await go(visitor())
    way.browser = visitor()
    refused = await way.end()
    assert (refused.status_code, refused.json()["code"]) == (409, "visit_over")
    await go(way.browser)
    refused = await way.end()
    assert (refused.status_code, refused.json()["code"]) == (409, "visit_over")


async def test_the_last_way_in_stays(visitor: Visitor, go: Go) -> None:
    """Whoever came by a provider alone keeps it; with another way in it goes."""
    browser = visitor()
    await signed_up(browser, go)
    [identity] = (await browser.do("GET", "/me/sign-ins"))["identities"]
    path = f"/me/identities/{identity['id']}"
    assert await browser.refused("DELETE", path) == (409, "last_way")
    await browser.do("PUT", "/me/password", {"new": PASSWORD})
    await browser.do("DELETE", path)
    assert await browser.refused("DELETE", "/me/password") == (409, "last_way")
    assert await browser.refused("DELETE", path) == (404, "identity_not_found")


async def test_a_password_goes_while_a_provider_is_linked(sign_up: SignUp) -> None:
    """It is a way in as good as a passkey."""
    ama = await sign_up("ama")
    await (await linked(ama)).end()
    await ama.do("DELETE", "/me/password")
    assert (await ama.do("GET", "/me/sign-ins"))["password"] is False


async def test_nobody_unlinks_for_others(sign_up: SignUp) -> None:
    """Not even knowing the id."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    await (await linked(ama)).end()
    [identity] = (await ama.do("GET", "/me/sign-ins"))["identities"]
    path = f"/me/identities/{identity['id']}"
    assert await ben.refused("DELETE", path) == (404, "identity_not_found")


async def test_a_provider_that_is_asked_no_more_is_no_way_in(
    sign_up: SignUp, instance: Instance
) -> None:
    """Its link can be taken away, and does not count as the last one that is left."""
    ama = await sign_up("ama")
    await (await linked(ama)).end()
    async with instance.transactions.begin() as tx:
        [row] = (await tx.session.scalars(select(Identity))).all()
        row.issuer = "https://gone.example"
    [identity] = (await ama.do("GET", "/me/sign-ins"))["identities"]
    assert (identity["provider"], identity["label"]) == (None, "gone.example")
    assert await ama.refused("DELETE", "/me/password") == (409, "last_way")
    await ama.do("DELETE", f"/me/identities/{identity['id']}")


# Showing once more that it is them


async def proved(browser: Browser, provider_id: str = LIBRARY) -> Way:
    """Go there to show it."""
    visit = await browser.do("POST", f"/me/visits/{provider_id}", {"purpose": "prove"})
    return await follow(browser, provider_id, visit["address"])


async def test_one_shows_by_a_provider_that_it_is_oneself(
    visitor: Visitor, go: Go, provider: FakeProvider, clock: ManualClock
) -> None:
    """As by a password; there it must not be long ago either."""
    browser = visitor()
    await signed_up(browser, go)
    clock.advance(601)
    assert await browser.refused("POST", "/me/recovery-codes") == (403, "sign_in_again")
    came = await (await proved(browser)).end()
    assert came.json()["what"] == "proved"
    asked = [one.query for one in provider.asked if one.path == "/authorize"]
    assert asked[-1]["max_age"] == "600"
    await browser.do("POST", "/me/recovery-codes")


async def test_who_showed_it_there_long_ago_has_not_shown_it(
    visitor: Visitor, go: Go, provider: FakeProvider, clock: ManualClock
) -> None:
    """Whatever the provider made of being asked for a sign-in of late."""
    browser = visitor()
    await signed_up(browser, go)
    clock.advance(601)
    provider.claims["auth_time"] = int(clock.now().timestamp()) - 661
    refused = await (await proved(browser)).end()
    assert (refused.status_code, refused.json()["code"]) == (403, "not_fresh")
    assert await browser.refused("POST", "/me/recovery-codes") == (403, "sign_in_again")


async def test_a_provider_that_does_not_say_when_shows_nothing(
    visitor: Visitor, go: Go, provider: FakeProvider
) -> None:
    """Neither by a sign-in nor by being asked: whoever sits there may have found it open."""
    await signed_up(visitor(), go)
    again = visitor()
    await (await go(again)).end()
    assert await again.refused("POST", "/me/recovery-codes") == (403, "sign_in_again")
    provider.claims["auth_time"] = None
    refused = await (await proved(again)).end()
    assert (refused.status_code, refused.json()["code"]) == (403, "not_fresh")


async def test_a_session_that_ended_on_the_way_links_nothing(
    sign_up: SignUp, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Staff may send somebody out while the provider is asked who that is."""
    ama = await sign_up("ama")
    way = await linked(ama)
    redeem = Provider.redeem

    async def sent_out_meanwhile(self: Provider, *asked: Any) -> Said:  # noqa: ANN401
        said = await redeem(self, *asked)
        async with instance.transactions.begin() as tx:
            await service.end_sessions(tx, ama.id, SignIn.expires_at > tx.now)
        return said

    monkeypatch.setattr(Provider, "redeem", sent_out_meanwhile)
    assert (await way.end()).status_code == 401
    assert await identities(instance) == []


async def test_a_sign_in_is_as_old_as_it_is_there(
    visitor: Visitor, go: Go, provider: FakeProvider, clock: ManualClock
) -> None:
    """Whoever is signed in there since yesterday has shown nothing just now."""
    await signed_up(visitor(), go)
    provider.claims["auth_time"] = int(clock.now().timestamp()) - 24 * 3600
    again = visitor()
    await (await go(again)).end()
    assert await again.refused("POST", "/me/recovery-codes") == (403, "sign_in_again")


async def test_somebody_else_there_shows_nothing(
    visitor: Visitor, go: Go, provider: FakeProvider, sign_up: SignUp
) -> None:
    """Nor an account of which nobody knows."""
    browser = visitor()
    await signed_up(browser, go)
    ben = await sign_up("ben")
    for subject in ("ama-248289", "nobody"):
        provider.person["sub"] = subject
        refused = await (await proved(ben)).end()
        assert (refused.status_code, refused.json()["code"]) == (403, "not_the_same")


# What is told


async def test_the_ways_in_are_told_to_everybody(visitor: Visitor) -> None:
    """Their names and nothing else of them."""
    assert await visitor().do("GET", "/sign-in/ways") == {
        "providers": [
            {"id": "library", "label": "Library"},
            {"id": "church", "label": "Church"},
        ],
        "letter": False,
    }


async def test_an_identity_is_in_ones_archive_and_goes_with_the_account(
    visitor: Visitor, go: Go, instance: Instance
) -> None:
    """As all that is kept of somebody."""
    from convivium.leaving import export  # noqa: PLC0415 - for this line

    assert "identity" in export.tables()
    assert "password_reset" not in export.tables()
    browser = visitor()
    await signed_up(browser, go)
    await browser.do("DELETE", "/me")
    await instance.jobs.run_due()
    assert await identities(instance) == []
