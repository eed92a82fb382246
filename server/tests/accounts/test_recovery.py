"""Recovery codes: each signs in once, when all else is lost."""

from collections.abc import Callable

from convivium.accounts import service
from convivium.accounts.models import Person
from convivium.app import Instance
from convivium.core.clock import ManualClock
from tests.conftest import PASSWORD, Browser, SignUp

NEW = "long river stones"


async def codes_of(browser: Browser) -> list[str]:
    """Make somebody's codes anew."""
    made: list[str] = (await browser.do("POST", "/me/recovery-codes"))["codes"]
    return made


async def test_each_signs_in_once(sign_up: SignUp, visitor: Callable[[], Browser]) -> None:
    """However it is written; the others go on to work, and one sees how many are left."""
    ama = await sign_up("ama")
    first, second, *others = await codes_of(ama)
    assert len({first, second, *others}) == 10
    body = {"name": "ama", "code": f" {first.upper().replace('-', ' ')} "}

    assert (await visitor().do("POST", "/sessions/recovery", body))["id"] == ama.id
    assert await visitor().refused("POST", "/sessions/recovery", body) == (
        401,
        "wrong_credentials",
    )
    await visitor().do("POST", "/sessions/recovery", {"name": "ama", "code": second})

    assert (await ama.do("GET", "/me/sign-ins"))["recovery_codes"] == 8


async def test_a_wrong_code_and_a_wrong_name_look_the_same(
    sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """Nobody learns whether there is such a name, nor whether it has codes; nor uses another's."""
    ama, _ = await sign_up("ama"), await sign_up("ben")
    code, *_ = await codes_of(ama)
    asked = [("ama", "aaaa-bbbb"), ("ben", code), ("nobody", code), ("ama", "")]

    answers = [
        await visitor().ask("POST", "/sessions/recovery", json={"name": name, "code": wrong})
        for name, wrong in asked
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    await visitor().do("POST", "/sessions/recovery", {"name": "ama", "code": code})


async def test_new_ones_make_the_old_ones_void(
    sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """Whoever lost the paper makes others."""
    ama = await sign_up("ama")
    old, *_ = await codes_of(ama)
    new, *_ = await codes_of(ama)

    body = {"name": "ama", "code": old}
    assert (await visitor().refused("POST", "/sessions/recovery", body))[0] == 401
    await visitor().do("POST", "/sessions/recovery", {"name": "ama", "code": new})


async def test_who_came_by_a_code_sets_a_password_without_the_old_one(
    sign_up: SignUp, visitor: Callable[[], Browser], clock: ManualClock
) -> None:
    """Within ten minutes; that is what it was for."""
    ama, lost = await sign_up("ama"), visitor()
    first, second, *_ = await codes_of(ama)
    await lost.do("POST", "/sessions/recovery", {"name": "ama", "code": first})
    clock.advance(600)
    late = await lost.refused("PUT", "/me/password", {"new": NEW})
    assert late == (403, "sign_in_again")
    await lost.do("POST", "/sessions/recovery", {"name": "ama", "code": second})

    await lost.do("PUT", "/me/password", {"new": NEW})

    assert (await visitor().do("POST", "/sessions", {"name": "ama", "password": NEW}))["name"]
    assert await ama.refused("GET", "/me") == (401, "not_signed_in")


async def test_it_takes_a_recent_sign_in(sign_up: SignUp, clock: ManualClock) -> None:
    """A browser left open gives no codes away."""
    ama = await sign_up("ama")
    clock.advance(600)

    assert await ama.refused("POST", "/me/recovery-codes") == (403, "sign_in_again")
    await ama.do("PUT", "/sessions/current", {"password": PASSWORD})
    await codes_of(ama)


async def test_guessing_is_slowed_down(sign_up: SignUp, visitor: Callable[[], Browser]) -> None:
    """As with passwords."""
    await sign_up("ama")
    mallory, guess = visitor(), {"name": "ama", "code": "aaaa"}
    for _ in range(10):
        assert (await mallory.refused("POST", "/sessions/recovery", guess))[0] == 401

    assert (await mallory.refused("POST", "/sessions/recovery", guess))[0] == 429


async def test_a_suspended_account_is_told_so_and_keeps_its_code(
    sign_up: SignUp, visitor: Callable[[], Browser], instance: Instance
) -> None:
    """What opened nothing is not used up."""
    ama = await sign_up("ama")
    code, *_ = await codes_of(ama)
    async with instance.transactions.begin() as tx:
        person = await tx.session.get_one(Person, ama.id)
        await service.suspend(tx, person, until=None, by=ama.id)

    for _ in range(2):
        refused = await visitor().refused(
            "POST", "/sessions/recovery", {"name": "ama", "code": code}
        )
        assert refused == (403, "suspended")
