"""Passkeys: made and shown by a device of software, and every way in which one may be wrong."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from httpx import Response
from sqlalchemy import func, select

from convivium.accounts import service
from convivium.accounts.models import Person, UsedChallenge
from convivium.app import Instance
from convivium.core.clock import ManualClock
from tests.accounts.authenticator import PRESENT, VERIFIED, Authenticator, Json, decode, encode
from tests.conftest import PASSWORD, Browser, SignUp

DAY_S = 24 * 3600
Visit = Callable[[], Browser]


@pytest.fixture
def device() -> Authenticator:
    return Authenticator()


async def sign_up_with(browser: Browser, device: Authenticator, name: str) -> Response:
    """Make an account by a passkey alone."""
    options = await browser.do("POST", "/accounts/passkey/options", {"name": name})
    body = {"name": name, "passkey": device.make(options)}
    return await browser.ask("POST", "/accounts", json=body)


async def add(browser: Browser, device: Authenticator, **how: Any) -> Response:  # noqa: ANN401
    """Add a passkey to an account; how: what the device does otherwise."""
    options = await browser.do("POST", "/passkeys/options")
    body = {"passkey": device.make(options, **how), "name": "Phone"}
    return await browser.ask("POST", "/passkeys", json=body)


async def show(browser: Browser, device: Authenticator, **how: Any) -> Json:  # noqa: ANN401
    """Sign what is asked for signing in; how: what the device does otherwise."""
    return device.show(await browser.do("POST", "/sessions/passkey/options"), **how)


async def sign_in_with(browser: Browser, device: Authenticator, **how: Any) -> Response:  # noqa: ANN401
    body = {"passkey": await show(browser, device, **how)}
    return await browser.ask("POST", "/sessions/passkey", json=body)


def said(answer: Response) -> tuple[int, str]:
    """Give status and code of a refusal."""
    return answer.status_code, answer.json().get("code", "")


async def test_an_account_without_a_password(visitor: Visit, device: Authenticator) -> None:
    """A passkey is enough to sign up, and to sign in elsewhere, without saying who one is."""
    ama = visitor()
    made = await sign_up_with(ama, device, "ama")
    assert made.status_code == 201, made.text

    other = visitor()
    assert (await sign_in_with(other, device)).json()["id"] == made.json()["id"]

    mine = await other.do("GET", "/me/sign-ins")
    assert mine["password"] is False
    [passkey] = mine["passkeys"]
    assert (passkey["name"], passkey["used"]) == ("Passkey", "2026-01-01")
    assert len(mine["sessions"]) == 2


async def test_what_a_browser_is_asked_for(sign_up: SignUp, device: Authenticator) -> None:
    """A key that is found without a name, by a face, a finger or a code; bound to this host."""
    ama = await sign_up("ama")
    await add(ama, device)

    to_make = await ama.do("POST", "/passkeys/options")
    to_show = await ama.do("POST", "/sessions/passkey/options")

    assert to_make["rp"]["id"] == to_show["rpId"] == "convivium.test"
    assert to_make["authenticatorSelection"]["residentKey"] == "required"
    assert to_make["authenticatorSelection"]["userVerification"] == "required"
    assert to_show["userVerification"] == "required"
    assert to_show["allowCredentials"] == []
    [known] = to_make["excludeCredentials"]
    assert known["id"] == encode(device.keys[0].id)
    assert decode(to_make["user"]["id"]).decode() == ama.id


async def test_several_passkeys_each_with_a_name(sign_up: SignUp, device: Authenticator) -> None:
    """Up to ten; each is called what its person calls it, and can be taken away by itself."""
    ama = await sign_up("ama")
    for _ in range(10):
        added = await add(ama, device)
        assert added.status_code == 201, added.text
    assert said(await add(ama, device)) == (409, "too_many_passkeys")
    path = f"/passkeys/{added.json()['id']}"

    renamed = await ama.do("PATCH", path, {"name": "Key ring"})
    assert renamed["name"] == "Key ring"
    await ama.do("DELETE", path)

    assert len((await ama.do("GET", "/me/sign-ins"))["passkeys"]) == 9
    assert await ama.refused("DELETE", path) == (404, "passkey_not_found")
    assert await ama.refused("PATCH", path, {"name": "Gone"}) == (404, "passkey_not_found")


async def test_nobody_touches_the_passkey_of_another(
    sign_up: SignUp, device: Authenticator
) -> None:
    """It is as one that never was."""
    ama, mallory = await sign_up("ama"), await sign_up("mallory")
    path = f"/passkeys/{(await add(ama, device)).json()['id']}"

    assert await mallory.refused("DELETE", path) == (404, "passkey_not_found")
    assert await mallory.refused("PATCH", path, {"name": "Mine"}) == (404, "passkey_not_found")


WRONG: dict[str, dict[str, Any]] = {
    "of another page": {"origin": "https://convivium.evil.test"},
    "without https": {"origin": "http://convivium.test"},
    "of another port": {"origin": "https://convivium.test:8443"},
    "for another host": {"rp_id": "evil.test"},
    "without a face or a code": {"flags": PRESENT},
    "without anybody there": {"flags": VERIFIED},
}


@pytest.mark.parametrize(
    "how",
    [
        *WRONG.values(),
        {"type_": "webauthn.create"},
        {"signs": ec.generate_private_key(ec.SECP256R1())},
        {"handle": encode(b"somebody else")},
        {"counts": 0},
        {"counts": -1},
    ],
    ids=[*WRONG, "another kind", "another key", "another person", "not counted", "counted back"],
)
async def test_what_opens_no_account(
    sign_up: SignUp, visitor: Visit, device: Authenticator, how: dict[str, Any]
) -> None:
    """Each is answered as a passkey that nobody has, and the right one still works."""
    await add(await sign_up("ama"), device)
    await sign_in_with(visitor(), device)
    somebody = visitor()

    wrong = await sign_in_with(somebody, device, **how)

    assert said(wrong) == (401, "passkey_unknown")
    assert "set-cookie" not in wrong.headers
    assert (await sign_in_with(somebody, device, counts=3)).status_code == 201


@pytest.mark.parametrize(
    "how", [*WRONG.values(), {"type_": "webauthn.get"}], ids=[*WRONG, "another kind"]
)
async def test_what_is_not_added(
    sign_up: SignUp, visitor: Visit, device: Authenticator, how: dict[str, Any]
) -> None:
    """Neither to an account that is there, nor to one that would be made."""
    ama, new = await sign_up("ama"), visitor()

    assert said(await add(ama, device, **how)) == (422, "passkey_unreadable")
    options = await new.do("POST", "/accounts/passkey/options", {"name": "ben"})
    body = {"name": "ben", "passkey": device.make(options, **how)}
    assert await new.refused("POST", "/accounts", body) == (422, "passkey_unreadable")

    assert (await ama.do("GET", "/me/sign-ins"))["passkeys"] == []


async def test_an_answer_counts_once(sign_up: SignUp, visitor: Visit) -> None:
    """Also of a device that does not count; whoever listened in gets nothing with it."""
    device, ama = Authenticator(counts=False), await sign_up("ama")
    await add(ama, device)
    body = {"passkey": await show(visitor(), device)}
    await visitor().do("POST", "/sessions/passkey", body)

    assert await visitor().refused("POST", "/sessions/passkey", body) == (409, "challenge_over")
    made = {"passkey": device.make(await ama.do("POST", "/passkeys/options")), "name": "x"}
    await ama.do("POST", "/passkeys", made)
    assert await ama.refused("POST", "/passkeys", made) == (409, "challenge_over")


async def test_of_two_answers_at_once_one_counts(sign_up: SignUp, visitor: Visit) -> None:
    """Whoever comes second is told so, not that the server made a mistake."""
    device, ama = Authenticator(counts=False), await sign_up("ama")
    await add(ama, device)
    body = {"passkey": await show(visitor(), device)}
    answers = await asyncio.gather(
        *(visitor().ask("POST", "/sessions/passkey", json=body) for _ in range(5))
    )

    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 4]


async def test_a_sign_up_counts_once(visitor: Visit, device: Authenticator) -> None:
    """Sent again under another name it makes nothing, and is refused with words."""
    made = device.make(await visitor().do("POST", "/accounts/passkey/options", {"name": "ama"}))
    await visitor().do("POST", "/accounts", {"name": "ama", "passkey": made})
    for name in ("ama", "ben"):
        again = await visitor().refused("POST", "/accounts", {"name": name, "passkey": made})
        assert again == (409, "challenge_over")
    assert (await visitor().refused("GET", "/people/@ben"))[1] == "person_not_found"


async def test_what_was_asked_for_something_else(
    sign_up: SignUp, visitor: Visit, device: Authenticator, clock: ManualClock
) -> None:
    """A challenge is good for one purpose, one person and five minutes, and made by us."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    await add(ama, device)
    to_sign_up = await visitor().do("POST", "/accounts/passkey/options", {"name": "chidi"})
    of_ben = await ben.do("POST", "/passkeys/options")
    forged: Json = {"challenge": encode(bytes(56)), "rpId": "convivium.test"}
    late = await visitor().do("POST", "/sessions/passkey/options")
    mixed: Json = {**to_sign_up, "challenge": late["challenge"]}

    for options in ({**to_sign_up, "rpId": "convivium.test"}, forged):
        body: Json = {"passkey": device.show(options)}
        refused = await visitor().refused("POST", "/sessions/passkey", body)
        assert refused == (409, "challenge_over")
    for options in (of_ben, to_sign_up, mixed):
        body = {"passkey": device.make(options), "name": "x"}
        assert await ama.refused("POST", "/passkeys", body) == (409, "challenge_over")
    device.keys = device.keys[:1]
    clock.advance(300)
    body = {"passkey": device.show(late)}
    assert await visitor().refused("POST", "/sessions/passkey", body) == (409, "challenge_over")


async def test_a_passkey_has_one_person(sign_up: SignUp, device: Authenticator) -> None:
    """Whoever brings another's key along does not take their account's place."""
    ama, mallory = await sign_up("ama"), await sign_up("mallory")
    await add(ama, device)

    assert said(await add(mallory, device, key=device.keys[0])) == (409, "passkey_known")


async def test_a_removed_passkey_opens_nothing(
    sign_up: SignUp, visitor: Visit, device: Authenticator
) -> None:
    """Also one with which somebody is just signing in."""
    ama, somebody = await sign_up("ama"), visitor()
    added = await add(ama, device)
    body = {"passkey": await show(somebody, device)}

    await ama.do("DELETE", f"/passkeys/{added.json()['id']}")

    assert await somebody.refused("POST", "/sessions/passkey", body) == (401, "passkey_unknown")


async def test_the_last_way_in_stays(
    sign_up: SignUp, visitor: Visit, device: Authenticator
) -> None:
    """With a passkey one can do without a password, and the other way round; not without both."""
    ama = await sign_up("ama")
    assert await ama.refused("DELETE", "/me/password") == (409, "last_way")
    first = (await add(ama, device)).json()["id"]
    await ama.do("DELETE", "/me/password")
    wrong = {"name": "ama", "password": PASSWORD}
    assert await visitor().refused("POST", "/sessions", wrong) == (401, "wrong_credentials")
    assert await ama.refused("DELETE", f"/passkeys/{first}") == (409, "last_way")

    await add(ama, device)
    await ama.do("DELETE", f"/passkeys/{first}")


async def test_more_rights_take_a_recent_sign_in(
    sign_up: SignUp, device: Authenticator, clock: ManualClock
) -> None:
    """After ten minutes one shows once more that it is them, with a passkey of one's own."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    await add(ama, device)
    others = Authenticator()
    await add(ben, others)
    early = await ama.do("POST", "/passkeys/options")
    clock.advance(600)
    [passkey] = (await ama.do("GET", "/me/sign-ins"))["passkeys"]

    async def try_all() -> list[tuple[int, str]]:
        key = {"passkey": device.make(early), "name": "x"}
        return [
            await ama.refused("POST", "/passkeys/options"),
            await ama.refused("DELETE", f"/passkeys/{passkey['id']}"),
            await ama.refused("DELETE", "/me/password"),
            (await ama.refused("POST", "/passkeys", key))[0:2],
        ]

    assert [code for _, code in await try_all()] == [*["sign_in_again"] * 3, "challenge_over"]
    device.keys = device.keys[:1]
    theirs = {"passkey": await show(ama, others)}
    assert await ama.refused("PUT", "/sessions/current", theirs) == (401, "passkey_unknown")
    assert await ama.refused("POST", "/passkeys/options") == (403, "sign_in_again")
    await ama.do("PUT", "/sessions/current", {"passkey": await show(ama, device)})

    assert (await add(ama, device)).status_code == 201


async def test_a_suspended_account_is_told_so(
    sign_up: SignUp,
    visitor: Visit,
    device: Authenticator,
    instance: Instance,
) -> None:
    """To the right passkey only, as to the right password."""
    ama = await sign_up("ama")
    await add(ama, device)
    async with instance.transactions.begin() as tx:
        person = await tx.session.get_one(Person, ama.id)
        await service.suspend(tx, person, until=None, by=ama.id)

    assert said(await sign_in_with(visitor(), device)) == (403, "suspended")


async def test_a_server_without_a_name_has_no_passkeys(visitor: Visit) -> None:
    """Browsers refuse numbers; whoever came by one is told what to do."""
    browser = visitor()
    browser.http.base_url = "https://192.0.2.7"

    refused = await browser.refused("POST", "/sessions/passkey/options")

    assert refused == (409, "no_passkeys_here")


async def test_garbage_is_refused_and_nothing_breaks(
    sign_up: SignUp, visitor: Visit, device: Authenticator
) -> None:
    """Whatever is changed in what a device says, it is a refusal in words."""
    ama, somebody, draw = await sign_up("ama"), visitor(), random.Random(7)  # noqa: S311
    await add(ama, device)
    for _ in range(60):
        shown, made = await show(somebody, device), device.make(await new_options(ama))
        for sent, path, who in ((shown, "/sessions/passkey", somebody), (made, "/passkeys", ama)):
            field = draw.choice([name for name in sent["response"] if name != "userHandle"])
            data = bytearray(decode(sent["response"][field]))
            data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
            cut = draw.choice((len(data), draw.randrange(len(data))))
            sent["response"][field] = encode(bytes(data[:cut]))
            body = {"passkey": sent, "name": "x"}
            answer = await who.ask("POST", path, json=body)
            # A bit of the key's own id or point may change and leave a key all the same.
            assert answer.status_code in (201, 401, 409, 422), (field, answer.text)
            assert path == "/passkeys" or answer.status_code != 201
    for response in ({}, {"clientDataJSON": 7}, {"clientDataJSON": encode(b"[" * 20_000)}):
        sent = {"id": "x", "rawId": "x", "type": "public-key", "response": response}
        refused = await somebody.refused("POST", "/sessions/passkey", {"passkey": sent})
        assert refused == (401, "passkey_unknown")


async def new_options(browser: Browser) -> Json:
    """Make room for one more passkey, and ask for it."""
    for passkey in (await browser.do("GET", "/me/sign-ins"))["passkeys"][1:]:
        await browser.do("DELETE", f"/passkeys/{passkey['id']}")
    options: Json = await browser.do("POST", "/passkeys/options")
    return options


async def test_what_was_answered_is_forgotten_when_it_is_over(
    sign_up: SignUp, device: Authenticator, instance: Instance, clock: ManualClock
) -> None:
    """Nothing is kept of what was only asked for, and the rest goes by itself."""
    ama = await sign_up("ama")
    await add(ama, device)
    for _ in range(3):
        await ama.do("POST", "/sessions/passkey/options")
    count = select(func.count()).select_from(UsedChallenge)
    async with instance.database.read() as session:
        assert await session.scalar(count) == 1
    clock.advance(300)

    await instance.forget_old()

    async with instance.database.read() as session:
        assert await session.scalar(count) == 0
