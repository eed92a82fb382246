"""Tokens that people make for their own scripts."""

from contextlib import AsyncExitStack

from fastapi import FastAPI
from sqlalchemy import func, select

from convivium.accounts import service, tokens
from convivium.accounts.models import Token
from convivium.app import Instance
from convivium.core.clock import ManualClock
from tests.conftest import PASSWORD, Browser, OpenTable, SignUp
from tests.table import watch

DAY_S = 24 * 3600
ASKED = {"name": "Bot in the kitchen", "scopes": ["read", "write", "speak"]}


async def test_a_token_is_told_once(sign_up: SignUp, app: FastAPI) -> None:
    """It acts for its person as far as it says; the list names it and never tells its secret."""
    ama = await sign_up("ama")

    made = await ama.do("POST", "/tokens", ASKED)

    assert made["secret"].startswith("cvv_pat_")
    script = Browser(app, bearer=made["secret"])
    assert (await script.do("GET", "/me"))["id"] == ama.id
    assert await script.refused("POST", "/spaces", {"title": "x"}) == (403, "missing_scope")
    [listed] = (await ama.do("GET", "/tokens"))["items"]
    assert listed == made["token"]
    assert {"name": listed["name"], "scopes": sorted(listed["scopes"])} == {
        "name": "Bot in the kitchen",
        "scopes": ["read", "speak", "write"],
    }


async def test_it_takes_a_recent_sign_in(sign_up: SignUp, clock: ManualClock) -> None:
    """A browser left open makes no token; shown once more that it is them, it does."""
    ama = await sign_up("ama")
    clock.advance(600)
    assert await ama.refused("POST", "/tokens", ASKED) == (403, "sign_in_again")

    await ama.do("PUT", "/sessions/current", {"password": PASSWORD})

    await ama.do("POST", "/tokens", ASKED)


async def test_a_token_makes_no_token(sign_up: SignUp, app: FastAPI) -> None:
    """Nor reads which there are, nor ends one: a script is no browser."""
    ama = await sign_up("ama")
    scopes = ["read", "write", "admin"]
    made = await ama.do("POST", "/tokens", {"name": "All", "scopes": scopes})
    script = Browser(app, bearer=made["secret"])

    for method, path, body in (
        ("POST", "/tokens", ASKED),
        ("GET", "/tokens", None),
        ("DELETE", f"/tokens/{made['token']['id']}", None),
    ):
        assert await script.refused(method, path, body) == (403, "not_a_session")


async def test_ending_a_token_ends_what_it_opened(
    open_table: OpenTable, sign_up: SignUp, app: FastAPI
) -> None:
    """Before the answer: its stream says goodbye, its call is gone; the browser's goes on."""
    table = await open_table()
    ben = await sign_up("ben")
    made = await ben.do("POST", "/tokens", ASKED)
    script = Browser(app, bearer=made["secret"])
    await table.join(ben)
    async with AsyncExitStack() as stack:
        own = await watch(table, stack, ben)
        actor = await table.instance.identify(
            bearer=made["secret"], cookies=[], network="192.0.2.1"
        )
        stream = await stack.enter_async_context(table.instance.live.stream(table.id, actor, None))
        await table.join(script)
        assert len(table.peers(ben)) == 2

        for _ in range(2):
            await ben.do("DELETE", f"/tokens/{made['token']['id']}")

        assert len(table.peers(ben)) == 1
        assert [m.type async for m in stream.messages() if m][-1] == "goodbye"
        await own.catch_up()
        assert "goodbye" not in own.types()
    assert await script.refused("GET", "/me") == (401, "not_signed_in")
    assert (await ben.do("GET", "/tokens"))["items"] == []


async def test_nobody_ends_the_token_of_another(sign_up: SignUp, app: FastAPI) -> None:
    """It is as one that never was."""
    ama, mallory = await sign_up("ama"), await sign_up("mallory")
    made = await ama.do("POST", "/tokens", ASKED)

    refused = await mallory.refused("DELETE", f"/tokens/{made['token']['id']}")

    assert refused == (404, "token_not_found")
    assert (await Browser(app, bearer=made["secret"]).do("GET", "/me"))["name"] == "ama"


async def test_one_person_has_so_many(sign_up: SignUp) -> None:
    """From then on it says which to do without; one that was ended leaves its place."""
    ama = await sign_up("ama")
    for _ in range(tokens.TOKENS_OF_ONE):
        made = await ama.do("POST", "/tokens", ASKED)
    assert await ama.refused("POST", "/tokens", ASKED) == (409, "too_many_tokens")

    await ama.do("DELETE", f"/tokens/{made['token']['id']}")

    await ama.do("POST", "/tokens", ASKED)


async def test_what_is_no_token(sign_up: SignUp) -> None:
    """Without a name, without a scope, or with one that there is not."""
    ama = await sign_up("ama")
    wrongs: list[dict[str, object]] = [
        {"name": " "},
        {"name": "x" * 51},
        {"scopes": []},
        {"scopes": ["all"]},
    ]
    for wrong in wrongs:
        assert await ama.refused("POST", "/tokens", ASKED | wrong) == (422, "invalid")


async def test_a_token_of_the_operator_is_listed_too(sign_up: SignUp, instance: Instance) -> None:
    """Without a name; its person can end it."""
    ama = await sign_up("ama")
    async with instance.transactions.begin() as tx:
        await service.make_token(tx, "ama", frozenset({"read"}))

    [listed] = (await ama.do("GET", "/tokens"))["items"]
    assert (listed["name"], listed["scopes"]) == ("", ["read"])
    await ama.do("DELETE", f"/tokens/{listed['id']}")


async def test_what_was_ended_is_forgotten(
    sign_up: SignUp, instance: Instance, clock: ManualClock
) -> None:
    """After a day, in which one can ask again whether it has ended; the others stay."""
    ama = await sign_up("ama")
    await ama.do("POST", "/tokens", ASKED)
    ended = (await ama.do("POST", "/tokens", ASKED))["token"]["id"]
    await ama.do("DELETE", f"/tokens/{ended}")
    clock.advance(DAY_S)

    await instance.forget_old()

    async with instance.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Token)) == 1
    assert await ama.refused("DELETE", f"/tokens/{ended}") == (404, "token_not_found")
