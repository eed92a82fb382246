"""Who may listen, speak and ask under each policy, and what a change does (trust matrix).

Rows 1, 2, 5 and 9 of the matrix for every value of the policies; then the changes while live,
with calls, streams and the data channel of those concerned.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Result, delete
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.app import Instance
from convivium.media.fake import FakeEngine
from convivium.relationships.followers import Followers
from convivium.relationships.models import Follow
from convivium.spaces import service as spaces
from convivium.spaces.models import Space
from convivium.spaces.view import KEPT_INSIDE
from tests.conftest import Browser, OpenTable, SignUp
from tests.table import OFFER, SDP, Table, actor_of, watch

# In this order in every row: `followed` by the host, `follower` of the host, `invited` to listen.
PEOPLE = (
    "host", "followed", "follower", "invited", "stranger", "guest", "nobody", "blocked", "removed",
)  # fmt: skip
IN = 201
NF, FF, NI = "not_followed", "follow_first", "not_invited"
SI, BL, RM = "sign_in_to_listen", "space_not_found", "removed"
AF, RF, OFF, GU, NS = "ask_first", "requests_followed", "requests_off", "guest", "not_signed_in"

# fmt: off
#                host followed follower invited stranger guest nobody blocked removed
MAY_LISTEN = {
    "everyone":  (IN, IN,      IN,      IN,     IN,      IN,   IN,    BL,     RM),
    "followed":  (IN, IN,      NF,      IN,     NF,      SI,   SI,    BL,     RM),
    "followers": (IN, FF,      IN,      IN,     FF,      SI,   SI,    BL,     RM),
    "invited":   (IN, NI,      NI,      IN,     NI,      SI,   SI,    BL,     RM),
}
MAY_SIT = {
    "everyone":  (200, 200,    200,     200,    200,     GU,   NS,    BL,     RM),
    "followed":  (200, 200,    AF,      AF,     AF,      GU,   NS,    BL,     RM),
    "invited":   (200, AF,     AF,      AF,     AF,      GU,   NS,    BL,     RM),
}
MAY_ASK = {
    "everyone":  ("already_seated", 201, 201, 201, 201,  GU,   NS,    BL,     RM),
    "followed":  ("already_seated", 201, RF,  RF,  RF,   GU,   NS,    BL,     RM),
    "off":       ("already_seated", OFF, OFF, OFF, OFF,  GU,   NS,    BL,     RM),
}
# fmt: on


@dataclass(frozen=True)
class Company:
    """A table, and everybody of PEOPLE, of whom nobody but the host has called in."""

    table: Table
    browsers: dict[str, Browser]

    async def all(self, ask: Callable[[Browser], Awaitable[object]]) -> tuple[object, ...]:
        """Let everybody ask, one after the other."""
        return tuple([await ask(self.browsers[person]) for person in PEOPLE])


Gather = Callable[..., Awaitable[Company]]


@pytest.fixture
def gather(open_table: OpenTable, sign_up: SignUp, visitor: Callable[[], Browser]) -> Gather:
    async def make(**words: object) -> Company:
        table = await open_table("host", **words)
        browsers = {"host": table.host, "guest": visitor(), "nobody": visitor()}
        for name in ("followed", "follower", "invited", "stranger", "blocked", "removed"):
            browsers[name] = await sign_up(name)
        elsewhere = await open_table("other_host")
        await elsewhere.join(browsers["guest"])
        await table.host.do("PUT", "/people/@followed/follow")
        await browsers["follower"].do("PUT", "/people/@host/follow")
        await table.host.do("PUT", "/people/@blocked/block")
        await table.host.do("PUT", f"{table.path}/removals/@removed")
        await table.host.do("PUT", f"{table.path}/invitations/@invited", {"role": "listener"})
        return Company(table, browsers)

    return make


async def answer_to(browser: Browser, method: str, path: str, **how: Any) -> int | str:  # noqa: ANN401
    answer = await browser.ask(method, path, **how)
    return answer.status_code if answer.is_success else str(answer.json()["code"])


@pytest.mark.parametrize("policy", MAY_LISTEN)
async def test_who_may_listen(policy: str, gather: Gather) -> None:
    """A call is answered as the policy says; the card agrees, and keeps the rest from outsiders."""
    company = await gather(listen_policy=policy)
    path = company.table.path
    expected = MAY_LISTEN[policy]

    async def card_of(browser: Browser) -> tuple[bool, bool] | str:
        answer = await browser.ask("GET", path)
        if not answer.is_success:
            return str(answer.json()["code"])
        card = answer.json()
        return card["you"]["may_listen"], card["stage"] is not None

    async def call(browser: Browser) -> int | str:
        return await answer_to(browser, "POST", f"{path}/call", content=OFFER, headers=SDP)

    cards = await company.all(card_of)
    assert cards == tuple(BL if code == BL else (code == IN, code == IN) for code in expected)
    assert await company.all(call) == expected
    listed = {
        person: bool((await company.browsers[person].do("GET", "/spaces"))["items"][1:])
        for person in ("followed", "follower", "invited", "stranger", "blocked", "removed")
    }
    may = dict(zip(PEOPLE, expected, strict=True))
    assert listed == {person: may[person] == IN for person in listed}


async def test_what_is_seen_from_outside(gather: Gather) -> None:
    """That there is a space, whose, and when; not who is in it, nor how many (rows 1 and 22)."""
    company = await gather(description="Bring bread.", anonymous_listening=False)
    path = company.table.path
    await company.table.join(company.browsers["stranger"])

    cards = {
        person: await company.browsers[person].do("GET", path)
        for person in ("host", "stranger", "removed", "guest", "nobody")
    }

    inside = {person: [card[key] for key in KEPT_INSIDE] for person, card in cards.items()}
    for person in ("host", "stranger"):
        assert None not in inside[person]
    for person in ("removed", "guest", "nobody"):
        assert inside[person] == [None] * len(KEPT_INSIDE)
        assert cards[person]["title"] == "Kitchen table"
        assert cards[person]["host"]["name"] == "host"


@pytest.mark.parametrize("policy", MAY_SIT)
async def test_who_may_take_a_seat(policy: str, gather: Gather) -> None:
    """A free seat is taken without asking by whom the policy names, with the microphone off."""
    company = await gather(speak_policy=policy)
    path = company.table.path

    async def sit(browser: Browser) -> int | str:
        card = await browser.ask("GET", path)
        may_sit = card.is_success and card.json()["you"]["may_take_seat"]
        answer = await browser.ask("PUT", f"{path}/stage/me", json={"role": "speaker"})
        if not answer.is_success:
            assert not may_sit
            return str(answer.json()["code"])
        assert answer.json()["muted"]
        assert may_sit or answer.json()["role"] == "host"
        return answer.status_code

    assert await company.all(sit) == MAY_SIT[policy]


@pytest.mark.parametrize("policy", MAY_ASK)
async def test_who_may_ask_to_speak(policy: str, gather: Gather) -> None:
    """The queue takes whom the setting names."""
    company = await gather(requests=policy)
    path = company.table.path

    async def ask(browser: Browser) -> int | str:
        card = await browser.ask("GET", path)
        may_ask = card.is_success and card.json()["you"]["may_ask"]
        answered = await answer_to(browser, "POST", f"{path}/requests", json={"note": ""})
        assert may_ask == (answered == 201)
        return answered

    assert await company.all(ask) == MAY_ASK[policy]


@pytest.mark.parametrize("policy", ["followed", "followers", "invited"])
async def test_a_narrower_policy_takes_hold_of_those_inside(
    policy: str, gather: Gather, instance: Instance
) -> None:
    """Calls and streams of those who may not listen any more end before the answer is there."""
    company = await gather()
    table = company.table
    inside = [p for p, code in zip(PEOPLE, MAY_LISTEN["everyone"], strict=True) if code == IN]
    for person in inside[1:]:
        await table.join(company.browsers[person])
    async with AsyncExitStack() as stack:
        streams = {p: await watch(table, stack, company.browsers[p]) for p in inside}

        await table.host.do("PATCH", table.path, {"listen_policy": policy})

        there = set(instance.calls.registry.people(table.id))
        stays = {
            person
            for person, code in zip(PEOPLE, MAY_LISTEN[policy], strict=True)
            if code == IN and person in inside
        }
        assert there == {company.browsers[person].id for person in stays}
        for person, stream in streams.items():
            await stream.catch_up()
            is_out = stream.events[-1]["data"] == {"reason": "narrowed", "reconnect": False}
            assert is_out == (person not in stays), person


@pytest.mark.parametrize(
    ("policy", "person"), [("followed", "followed"), ("followers", "follower")]
)
async def test_unfollowing_is_out(
    policy: str, person: str, gather: Gather, instance: Instance
) -> None:
    """Whom the policy let in by a follow has to go when it ends, seat and request and all."""
    company = await gather(listen_policy=policy, speak_policy="everyone")
    table, browser = company.table, company.browsers[person]
    await table.join(browser)
    await browser.do("PUT", f"{table.path}/stage/me", {"role": "speaker"})
    await browser.do("DELETE", f"{table.path}/mutes/me")
    await table.join(company.browsers["invited"])
    async with AsyncExitStack() as stack:
        stream = await watch(table, stack, browser)

        if person == "followed":
            await table.host.do("DELETE", "/people/@followed/follow")
        else:
            await browser.do("DELETE", "/people/@host/follow")

        await stream.catch_up()
        assert stream.events[-1]["data"] == {"reason": "narrowed", "reconnect": False}
    there = set(instance.calls.registry.people(table.id))
    assert there == {table.host.id, company.browsers["invited"].id}
    card = await table.host.do("GET", table.path)
    assert [seat["person"]["name"] for seat in card["stage"]] == ["host"]
    answer = await browser.ask("POST", f"{table.path}/call", content=OFFER, headers=SDP)
    assert answer.json()["code"] == {"followed": NF, "follower": FF}[person]


async def test_whom_a_host_brought_up_stays(gather: Gather, instance: Instance) -> None:
    """A seat that a host gave is an invitation; a seat one took oneself is none."""
    company = await gather(speak_policy="everyone")
    table, brought, sat = (
        company.table,
        company.browsers["stranger"],
        company.browsers["follower"],
    )
    for person in (brought, sat):
        await table.join(person)
    await table.seat(brought)
    await sat.do("PUT", f"{table.path}/stage/me", {"role": "speaker"})

    await table.host.do("PATCH", table.path, {"listen_policy": "followed"})

    assert set(instance.calls.registry.people(table.id)) == {table.host.id, brought.id}
    seats = (await table.host.do("GET", table.path))["stage"]
    assert [seat["person"]["name"] for seat in seats] == ["host", "stranger"]


async def test_a_follow_opens_what_it_names_at_once(gather: Gather) -> None:
    """Whoever is followed, or follows, is told what they may do now, and a door opens."""
    company = await gather(speak_policy="followed", requests="followed")
    table, stranger = company.table, company.browsers["stranger"]
    await table.join(stranger)
    async with AsyncExitStack() as stack:
        stream = await watch(table, stack, stranger)
        before = stream.snapshot["you"]

        await table.host.do("PUT", "/people/@stranger/follow")

        await stream.catch_up()
        you = stream.snapshot["you"]
        assert [(y["may_ask"], y["may_take_seat"]) for y in (before, you)] == [
            (False, False),
            (True, True),
        ]
        assert stream.types()[-1] == "you_changed"
    await table.host.do("PATCH", table.path, {"listen_policy": "followers"})
    nobody = company.browsers["followed"]
    assert not (await nobody.do("GET", table.path))["you"]["may_listen"]
    await nobody.do("PUT", "/people/@host/follow")
    assert (await nobody.do("GET", table.path))["you"]["may_listen"]
    await table.join(nobody)


async def test_narrowing_during_a_join_leaves_no_peer(
    gather: Gather, engine: FakeEngine, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the door and the engine the host stops following: the call never comes about."""
    company = await gather(listen_policy="followed")
    table = company.table
    actor = await actor_of(instance, company.browsers["followed"])
    ask_door, peers = spaces.admitted, len(engine.peers)

    async def let_in_and_unfollow(*asked: Any, **how: Any) -> Space:  # noqa: ANN401
        space = await ask_door(*asked, **how)
        monkeypatch.setattr(spaces, "admitted", ask_door)
        await table.host.do("DELETE", "/people/@followed/follow")
        return space

    monkeypatch.setattr(spaces, "admitted", let_in_and_unfollow)
    with pytest.raises(spaces.NotFollowed):
        await instance.calls.join(actor, table.id, OFFER)
    assert len(engine.peers) == peers
    assert set(instance.calls.registry.people(table.id)) == {table.host.id}


async def test_anonymous_listening_switched_off(gather: Gather, instance: Instance) -> None:
    """Where a host wants names, guests have to sign in, at once also those inside."""
    company = await gather()
    table, guest = company.table, company.browsers["guest"]
    for person in ("guest", "stranger"):
        await table.join(company.browsers[person])

    card = await table.host.do("PATCH", table.path, {"anonymous_listening": False})

    assert not card["anonymous_listening"]
    there = set(instance.calls.registry.people(table.id))
    assert there == {table.host.id, company.browsers["stranger"].id}
    call = await guest.ask("POST", f"{table.path}/call", content=OFFER, headers=SDP)
    assert call.json()["code"] == SI


@pytest.mark.parametrize("name", ["listen_policy", "speak_policy"])
async def test_tickets_are_refused_in_words(name: str, sign_up: SignUp) -> None:
    """What is not built is said so that its reader understands."""
    ama = await sign_up("ama")
    answer = await ama.ask("POST", "/spaces", json={"title": "x", name: "ticket"})

    assert (answer.status_code, answer.json()["code"]) == (422, "policy_unavailable")
    assert "tickets are not sold here yet" in answer.json()["detail"]


async def test_followers_are_looked_up_again_when_they_are_others(
    sign_up: SignUp, instance: Instance
) -> None:
    """The same set is the same object; coming, going and changing places makes another."""
    ama, ben, chidi = await sign_up("ama"), await sign_up("ben"), await sign_up("chidi")
    followers = Followers()

    async def now() -> frozenset[str]:
        async with instance.database.read() as session:
            return await followers.of(session, ama.id)

    assert await now() == frozenset()
    await ben.do("PUT", "/people/@ama/follow")
    first = await now()
    assert first == {ben.id}
    assert await now() is first
    await ben.do("DELETE", "/people/@ama/follow")
    await chidi.do("PUT", "/people/@ama/follow")
    assert await now() == {chidi.id}
    await chidi.do("DELETE", "/people/@ama/follow")
    assert await now() == frozenset()


async def test_a_follow_reads_no_other_follower(
    sign_up: SignUp, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many followers one who comes is one row, and one who goes none; several who go are all."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    crowd = [f"follower-{number}" for number in range(1_000)]
    async with instance.transactions.begin() as tx:
        tx.session.add_all(
            Person(
                id=each,
                kind="account",
                name=f"f{at}",
                display_name="F",
                listed=True,
                voice=at + 1,
                created_at=tx.now,
            )
            for at, each in enumerate(crowd)
        )
        await tx.session.flush()
        tx.session.add_all(Follow(person_id=each, other_id=ama.id, since=tx.now) for each in crowd)
    followers, read = Followers(), 0

    execute = AsyncSession.execute

    async def count_rows(session: AsyncSession, *asked: Any, **how: Any) -> Result[Any]:  # noqa: ANN401
        nonlocal read
        found = (await execute(session, *asked, **how)).freeze()
        read += len(found.data)
        return found()

    async def now() -> tuple[frozenset[str], int]:
        """Look, and tell besides how many rows that was; one holds the sums."""
        nonlocal read
        async with instance.database.read() as session:
            with monkeypatch.context() as patch:
                patch.setattr(AsyncSession, "execute", count_rows)
                read = 0
                return await followers.of(session, ama.id), read - 1

    assert await now() == (frozenset(crowd), len(crowd))
    await ben.do("PUT", "/people/@ama/follow")
    assert await now() == (frozenset([*crowd, ben.id]), 1)
    await ben.do("DELETE", "/people/@ama/follow")
    assert await now() == (frozenset(crowd), 0)
    async with instance.transactions.begin() as tx:
        await tx.session.execute(delete(Follow).where(Follow.person_id.in_(crowd[:2])))
        tx.session.add(Follow(person_id=crowd[0], other_id=ama.id, since=tx.now))
    people, rows = await now()
    assert people == {crowd[0], *crowd[2:]}
    assert rows == 1 + len(people)
