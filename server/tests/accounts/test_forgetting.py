"""What is over is forgotten in time, and a guest who signs in leaves no key behind."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium import app as app_module
from convivium.accounts import service
from convivium.accounts.models import IdempotencyKey, Person, SignIn
from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.core.database import Base
from convivium.core.transaction import Transaction, Transactions
from convivium.media.fake import FakeEngine
from tests.conftest import PASSWORD, Browser, OpenTable, SignUp, quick_passwords
from tests.table import OFFER, SDP, Table

MONTH_S = service.SESSION_LIFE.total_seconds()
DAY_S = 24 * 3600


async def rows(instance: Instance, table: type[Base]) -> int:
    """Count a table's rows."""
    async with instance.database.read() as session:
        return await _count(session, table)


async def _count(session: AsyncSession, table: type[Base]) -> int:
    return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_what_is_over_is_forgotten_a_few_at_a_time(
    open_table: OpenTable,
    visitor: Callable[[], Browser],
    instance: Instance,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Sessions, guests and keys go when nobody can use them any more; accounts stay."""
    monkeypatch.setattr(service, "FORGOTTEN_AT_ONCE", 2)
    gone: list[int] = []

    def counted(forget: Callable[[Transaction], Awaitable[int]]) -> Callable[..., Awaitable[int]]:
        async def forget_few(tx: Transaction) -> int:
            gone.append(await forget(tx))
            return gone[-1]

        return forget_few

    for name in ("_forget_sessions", "_forget_keys"):
        monkeypatch.setattr(service, name, counted(getattr(service, name)))
    table = await open_table()
    for number in range(5):
        await table.join(visitor())
        headers = {"Idempotency-Key": f"{number}"}
        await table.host.ask("POST", "/spaces", json={"title": "x"}, headers=headers)

    clock.advance(MONTH_S)
    await instance.forget_old()
    assert (await rows(instance, SignIn), await rows(instance, Person)) == (6, 6)
    assert await rows(instance, IdempotencyKey) == 0
    clock.advance(DAY_S)
    await instance.forget_old()

    assert (await rows(instance, SignIn), await rows(instance, Person)) == (0, 1)
    assert (max(gone), sum(gone)) == (2, 6 + 5), "each time a few, so that others write in between"


async def test_guests_who_left_are_forgotten_soon(
    open_table: OpenTable,
    visitor: Callable[[], Browser],
    instance: Instance,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A day after they were seen, a few at a time; accounts are remembered for a month."""
    monkeypatch.setattr(service, "FORGOTTEN_AT_ONCE", 2)
    table = await open_table()
    gone = [visitor() for _ in range(5)]
    for guest in gone:
        await guest.do("DELETE", await table.join(guest))
    clock.advance(DAY_S + 1)
    seen = gone.pop()
    await seen.do("GET", "/me")
    await instance.forget_old()
    assert (await rows(instance, SignIn), await rows(instance, Person)) == (6, 6)
    clock.advance(DAY_S)

    await instance.forget_old()

    assert (await rows(instance, SignIn), await rows(instance, Person)) == (2, 2)
    assert await gone[0].refused("GET", "/me") == (401, "not_signed_in")
    assert (await seen.do("GET", "/me"))["id"] == seen.id
    assert (await table.host.do("GET", "/me"))["id"] == table.host.id


async def test_a_guest_who_listens_for_months_is_shut_out_of_nothing(
    open_table: OpenTable, visitor: Callable[[], Browser], instance: Instance, clock: ManualClock
) -> None:
    """A call is being seen, though nothing is asked meanwhile."""
    table, guest = await open_table(), visitor()
    call = await table.join(guest)
    for _ in range(70):
        clock.advance(DAY_S)
        await instance.forget_old()

    assert (await guest.do("GET", "/me"))["id"] == guest.id
    await guest.do("DELETE", call)


async def test_a_session_that_ended_is_not_brought_back(
    open_table: OpenTable, visitor: Callable[[], Browser], instance: Instance
) -> None:
    """Whoever signed in is no guest any more, though the guest's call plays on."""
    table, guest = await open_table(), visitor()
    await table.join(guest)
    [kept] = [cookie.value for cookie in guest.http.cookies.jar]
    await guest.do("POST", "/accounts", {"name": "ben", "password": PASSWORD})
    await instance.forget_old()
    thief = visitor()
    thief.http.cookies.set("__Host-convivium_guest", str(kept), domain="convivium.test")

    assert await thief.refused("GET", "/me") == (401, "not_signed_in")


async def test_it_is_forgotten_while_the_server_runs(
    settings: Settings,
    engine: FakeEngine,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody has to start a server again for it, and a failure does not end it."""
    monkeypatch.setattr(app_module, "FORGET_S", 0.01)
    instance = Instance(settings, engine=engine, clock=clock, passwords=quick_passwords())
    async with instance.transactions.begin() as tx:
        person = await service.sign_up(tx, name="ama", password_hash=None)
        await service.begin_session(tx, person)
    failed: list[bool] = []
    forget = service.forget_old

    async def fail_once(transactions: Transactions) -> None:
        if not failed:
            failed.append(True)
            raise OSError
        await forget(transactions)

    monkeypatch.setattr(service, "forget_old", fail_once)
    async with instance.running():
        clock.advance(MONTH_S + DAY_S)
        for _ in range(1000):
            if await rows(instance, SignIn) == 0:
                break
        assert await rows(instance, SignIn) == 0
    assert failed


@pytest.mark.parametrize("is_new", [True, False])
async def test_a_guest_who_signs_in_is_that_guest_no_more(
    open_table: OpenTable,
    sign_up: SignUp,
    visitor: Callable[[], Browser],
    instance: Instance,
    *,
    is_new: bool,
) -> None:
    """The guest's cookie is taken away and worth nothing; the call plays on until it is hung up."""
    await sign_up("ben")
    table = await open_table()
    guest = visitor()
    await table.join(guest)
    [kept] = [cookie.value for cookie in guest.http.cookies.jar]

    body = {"name": "chidi" if is_new else "ben", "password": PASSWORD}
    await guest.do("POST", "/accounts" if is_new else "/sessions", body)

    assert [cookie.name for cookie in guest.http.cookies.jar] == ["__Host-convivium_session"]
    assert len(table.peers(guest)) == 1
    thief = visitor()
    thief.http.cookies.set("__Host-convivium_guest", str(kept), domain="convivium.test")
    assert await thief.refused("GET", "/me") == (401, "not_signed_in")
    await instance.calls.end(*instance.calls.registry.of_person(table.id, guest.id))
    await _joins_as_somebody_new(table, thief, guest.id)


async def _joins_as_somebody_new(table: Table, browser: Browser, guest_id: str) -> None:
    answer = await browser.ask("POST", f"{table.path}/call", content=OFFER, headers=SDP)
    assert answer.status_code == 201
    assert (await browser.do("GET", "/me"))["id"] != guest_id
