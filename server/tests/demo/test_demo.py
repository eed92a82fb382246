"""The demo: people who are marked, a table where voices talk in turns, and its end."""

import asyncio
import itertools
from asyncio import sleep
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.app import Instance, http
from convivium.core.bus import Bus
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.core.database import Base, Database, database_of
from convivium.core.transaction import Transactions
from convivium.demo import line, script, service, turns, words
from convivium.demo.ogg import opus_packets
from convivium.demo.words import WELCOME
from convivium.media.engine import Counted
from convivium.media.fake import FakeEngine
from convivium.reactions.rules import EMOJI
from convivium.spaces.models import Space
from convivium.spaces.service import Words
from convivium.stage import floor
from tests.conftest import Browser, SignUp, quick_passwords
from tests.live.protocol import Json
from tests.table import Table, until, watch


def test_the_recordings_are_what_the_engine_plays() -> None:
    """Each clip is somebody's of the cast, seconds long, in packets of one 20 ms frame."""
    names = {speaker.name for speaker in script.speakers()}
    clips = script.clips()

    assert {clip.speaker for clip in clips} == names
    for clip in clips:
        assert 1.0 < clip.duration_s < 15.0
        for packet in clip.packets:
            # RFC 6716, 3.1: configurations of 20 ms, one frame (code 0).
            assert packet[0] >> 3 in {1, 5, 9, 13, 15, 19, 23, 27, 31}
            assert packet[0] & 3 == 0


def test_packets_go_over_pages() -> None:
    """A packet of 255 bytes and more is put together again, also across two pages."""

    def page(lacing: list[int], body: bytes) -> bytes:
        return b"OggS" + bytes(22) + bytes([len(lacing), *lacing]) + body

    head, tags, long = b"OpusHead", b"OpusTags", bytes(255) + b"tail"
    data = page([8], head) + page([8, 255], tags + long[:255]) + page([4, 2], long[255:] + b"hi")

    assert opus_packets(data) == [long, b"hi"]
    with pytest.raises(ValueError, match="Ogg"):
        opus_packets(b"RIFF")
    with pytest.raises(ValueError, match="Opus"):
        opus_packets(page([3], b"abc"))


@pytest.fixture
async def filled(settings: Settings, clock: ManualClock, engine: FakeEngine) -> Settings:
    """A folder in which `convivium demo` was run."""
    instance = Instance(settings, engine=engine, clock=clock, passwords=quick_passwords())
    async with instance.transactions.begin() as tx:
        assert len(await service.fill(tx)) == 2
        assert not await service.fill(tx), "a second time changes nothing"
    await instance.database.close()
    return settings


@pytest.fixture
async def instance(filled: Settings, clock: ManualClock, engine: FakeEngine) -> Instance:  # type: ignore[misc]
    instance = Instance(filled, engine=engine, clock=clock, passwords=quick_passwords())
    async with instance.running():
        yield instance


async def card_of(browser: Browser, words: Words, state: str = "live") -> Json:
    """Find the demo's space with these words as somebody sees it."""
    cards = (await browser.do("GET", f"/spaces?state={state}"))["items"]
    return next(card for card in cards if card["title"] == words.title)


async def test_a_newcomer_finds_a_live_table(visitor: Callable[[], Browser]) -> None:
    """The space is in the live strip, with everybody present and nobody muted."""
    card = await card_of(visitor(), WELCOME)

    assert [seat["role"] for seat in card["stage"]] == ["host", "speaker", "co_host", "speaker"]
    for seat in card["stage"]:
        assert seat["connected"]
        assert not seat["muted"]
        assert seat["person"]["display_name"].endswith("(demo)")


async def test_a_newcomer_finds_something_on_the_table(visitor: Callable[[], Browser]) -> None:
    """A card is pinned, and a few lines are written."""
    guest = visitor()
    card = await card_of(guest, WELCOME)
    items = (await guest.do("GET", f"/spaces/{card['id']}/shared"))["items"]
    lines = (await guest.do("GET", f"/spaces/{card['id']}/chat"))["items"]

    assert [item["pinned"] for item in items] == [True, False]
    assert [item["host"] for item in items] == [None, "www.rfc-editor.org"]
    assert [line["text"] for line in lines] == [text for _, text in words.LINES][::-1]


async def test_whoever_helps_by_the_printed_link_finds_a_line_of_all_kinds(
    settings: Settings, clock: ManualClock, engine: FakeEngine
) -> None:
    """Notes, and every badge there is; those of the line stay though they have no calls."""
    instance = Instance(settings, engine=engine, clock=clock, passwords=quick_passwords())
    async with instance.transactions.begin() as tx:
        path, _, secret = (await service.fill(tx))[0].partition("#invitation=")
    async with instance.running(), AsyncExitStack() as stack:
        helper = Browser(http(instance))
        account = {"name": "dora", "password": "a long table for all", "display_name": "Dora"}
        helper.id = (await helper.do("POST", "/accounts", account))["id"]
        card = await helper.do("POST", f"{path}/invitations", {"token": secret})
        table = Table(instance, engine, helper, card)
        await table.join(helper)
        await helper.do("PUT", f"{path}/stage/me", {"role": "co_host"})
        clock.advance(3600)
        await instance.sweep()
        queue = (await watch(table, stack, helper)).snapshot["queue"]
        await helper.http.aclose()

    assert [asker["note"] for asker in queue] == [asker.note for asker in line.ASKERS]
    about = [asker["about"] for asker in queue]
    assert [one["spoke"] for one in about] == [0, 0, 2, 0]
    assert [one["removed"] for one in about] == [0, 0, 0, 1]
    assert [one["follows_host"] for one in about] == [False, True, False, False]
    assert [one["followed_by_host"] for one in about] == [False, False, True, False]
    assert len({one["since"] for one in about}) == len(queue)


async def test_the_demos_people_follow_one_another(visitor: Callable[[], Browser]) -> None:
    """A profile is not empty: the host has followers, and follows somebody."""
    juno = await visitor().do("GET", "/people/@juno")

    assert (juno["followers"], juno["follows"]) == (4, 2)


async def test_a_newcomer_finds_a_space_for_later(
    instance: Instance, clock: ManualClock, visitor: Callable[[], Browser]
) -> None:
    """It starts tomorrow, somebody wants to be told, and as nobody starts it, it goes by itself."""
    guest = visitor()
    card = await card_of(guest, words.LATER, "scheduled")
    assert card["reminders"] == 1
    clock.advance(26 * 3600)
    await instance.jobs.run_due()

    assert (await guest.do("GET", f"/spaces/{card['id']}"))["state"] == "cancelled"


async def test_demo_people_keep_their_seats(
    instance: Instance, clock: ManualClock, visitor: Callable[[], Browser]
) -> None:
    """They have no calls, and are not sent away for it."""
    clock.advance(3600)
    await instance.sweep()

    guest = visitor()
    assert len((await card_of(guest, WELCOME))["stage"]) == 4
    assert len((await card_of(guest, words.DIALECTS))["stage"]) == 1


async def test_nobody_signs_in_as_one_of_them(visitor: Callable[[], Browser]) -> None:
    """There is no password that fits."""
    for speaker in script.speakers():
        body = {"name": speaker.name, "password": ""}
        assert await visitor().refused("POST", "/sessions", body) == (401, "wrong_credentials")


async def test_voices_talk_in_turns_while_somebody_listens(
    instance: Instance, engine: FakeEngine, visitor: Callable[[], Browser]
) -> None:
    """Silence without ears; then one voice at a time, each after the one before has ended."""
    guest = visitor()
    card = await card_of(guest, WELCOME)
    assert not engine.playing
    await Table(instance, engine, guest, card).join(guest)

    sources = {seat["source"]: seat["person"]["name"] for seat in card["stage"]}
    spoken = []
    for _ in range(3):
        await until(lambda: bool(engine.playing))
        [(space, source)] = engine.playing
        spoken.append(sources[source])
        engine.end_clip(space, source)
        await asyncio.sleep(0)

    assert spoken == [clip.speaker for clip in itertools.islice(script.clips(script.TALK), 3)]


async def test_somebody_reacts_now_and_then(
    instance: Instance, engine: FakeEngine, visitor: Callable[[], Browser]
) -> None:
    """Not whoever has just spoken, and it is seen who it was."""
    guest = visitor()
    card = await card_of(guest, WELCOME)
    await Table(instance, engine, guest, card).join(guest)
    await until(lambda: bool(engine.playing))
    [(space, source)] = engine.playing
    engine.end_clip(space, source)
    await until(lambda: bool(instance.reactions.totals(card["id"])))

    [(one, given)] = instance.reactions.of_stage(card["id"]).items()
    sources = {seat["person"]["id"]: seat["source"] for seat in card["stage"]}
    assert one in sources
    assert sources[one] != source
    assert given == instance.reactions.totals(card["id"])


@pytest.mark.usefixtures("quick_looks")
async def test_a_visitor_who_asks_is_brought_up(
    instance: Instance, engine: FakeEngine, sign_up: SignUp
) -> None:
    """The host, who is a file, lets real people go first; those of the demo stay in line."""
    ben = await sign_up("ben")
    card = await card_of(ben, WELCOME)
    table = Table(instance, engine, ben, card)
    await table.join(ben)
    assert (await ben.do("POST", f"{table.path}/requests", {}))["place"] == len(line.ASKERS) + 1
    await until(lambda: bool(engine.playing))
    engine.end_clip(*next(iter(engine.playing)))

    for _ in range(1000):
        card = await ben.do("GET", table.path)
        if ben.id in {seat["person"]["id"] for seat in card["stage"]}:
            break
        await asyncio.sleep(0.005)
    assert card["stage"][-1]["person"]["id"] == ben.id
    assert card["stage"][-1]["confirm_by"]
    assert card["you"]["request"] is None


@pytest.fixture
async def beside(settings: Settings, clock: ManualClock) -> AsyncIterator[Transactions]:
    """What another process writes with: the same database, and nobody who hears of it."""
    transactions = Transactions(Database(database_of(settings)), Bus(), clock)
    yield transactions
    await transactions.database.close()


@pytest.fixture
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    for wait in ("LOOK_S", "EARS_S", "PAUSE_S"):
        monkeypatch.setattr(turns, wait, 0.01)


@pytest.mark.usefixtures("quick_looks")
async def test_a_demo_beside_a_running_server_is_shown_and_goes(
    settings: Settings,
    clock: ManualClock,
    engine: FakeEngine,
    beside: Transactions,
) -> None:
    """`convivium demo` is picked up without a restart; `demo remove` sends its listeners home."""
    instance = Instance(settings, engine=engine, clock=clock, passwords=quick_passwords())
    async with instance.running(), AsyncExitStack() as stack:
        guest = Browser(http(instance))
        async with beside.begin() as tx:
            await service.fill(tx)
        await until(lambda: bool(engine.spaces))
        card = await card_of(guest, WELCOME)
        table = Table(instance, engine, guest, card)
        await table.join(guest)
        await until(lambda: bool(engine.playing))
        assert all(seat["connected"] for seat in (await guest.do("GET", table.path))["stage"])
        witness = await watch(table, stack, guest)
        number = next(space for space, _ in engine.playing)
        engine.tell(Counted(number, (3,) + (0,) * (len(EMOJI) - 1)))
        await until(lambda: instance.reactions.totals(table.id) == {EMOJI[0]: 3})

        async with beside.begin() as tx:
            await service.remove(tx)
        engine.end_clip(*next(iter(engine.playing)))
        await until(lambda: not engine.spaces)

        await witness.catch_up()
        assert witness.events[-1]["data"] == {"reason": "ended", "reconnect": False}
        assert not engine.peers
        assert len(instance.calls.registry) == 0
        assert instance.reactions.totals(table.id) == {}
        assert (await guest.do("GET", "/spaces"))["items"] == []
        assert await guest.refused("GET", table.path) == (404, "space_not_found")
        await guest.http.aclose()


@pytest.mark.usefixtures("quick_looks")
async def test_the_talk_goes_on_after_a_failure(
    settings: Settings,
    clock: ManualClock,
    engine: FakeEngine,
    beside: Transactions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A database that fails for a while is logged and asked again, ever less often."""
    async with beside.begin() as tx:
        await service.fill(tx)
    waits: list[float] = []

    async def fail_at_first(session: AsyncSession) -> Sequence[Space]:
        if len(waits) < 5:
            raise OperationalError("SELECT", None, Exception("disk I/O error"))
        return await service.live_tables(session)

    async def note(wait_s: float) -> None:
        waits.append(wait_s)

    monkeypatch.setattr(turns, "LOOK_S", 10.0)
    monkeypatch.setattr(turns, "live_tables", fail_at_first)
    instance = Instance(settings, engine=engine, clock=clock, passwords=quick_passwords())
    # Its own only: whatever else the server repeats sleeps as it likes.
    monkeypatch.setattr(turns, "sleep", lambda s: note(s) if s >= 10 else sleep(s))
    async with instance.running():
        guest = Browser(http(instance))
        card = await card_of(guest, WELCOME)
        await Table(instance, engine, guest, card).join(guest)
        await until(lambda: bool(engine.playing))
        await guest.http.aclose()

    assert waits == [20.0, 40.0, 60.0, 60.0, 60.0]


@pytest.mark.usefixtures("quick_looks")
async def test_strangers_come_up_one_after_another(
    instance: Instance, engine: FakeEngine, sign_up: SignUp
) -> None:
    """In the fast lane each says a line in a timed turn; who was up stands in line again."""
    ben = await sign_up("ben")
    table = Table(instance, engine, ben, await card_of(ben, words.DIALECTS))
    await table.join(ben)
    await until(lambda: bool(engine.playing))
    engine.end_clip(*next(iter(engine.playing)))
    ups = []
    for _ in range(4):
        await until(lambda: bool(engine.playing))
        [(space, source)] = engine.playing
        card = await ben.do("GET", table.path)
        [up] = [seat for seat in card["stage"] if seat["role"] == "speaker"]
        assert (up["source"], up["muted"], up["connected"]) == (source, False, True)
        assert up["turn_ends_at"]
        ups.append(up["person"]["name"])
        engine.end_clip(space, source)
        await until(lambda: not engine.playing)

    assert ups == list(words.NOTES)[:4]
    assert len((await ben.do("GET", table.path))["stage"]) == 2


@pytest.mark.usefixtures("quick_looks")
async def test_a_visitor_has_a_turn_in_the_fast_lane(
    instance: Instance, engine: FakeEngine, sign_up: SignUp, clock: ManualClock
) -> None:
    """Nobody overtakes them who is not heard; and while it is theirs, no stranger comes up."""
    ben = await sign_up("ben")
    table = Table(instance, engine, ben, await card_of(ben, words.DIALECTS))
    await table.join(ben)
    await ben.do("POST", f"{table.path}/requests", {})

    async def is_up() -> bool:
        card = await ben.do("GET", table.path)
        return ben.id in {seat["person"]["id"] for seat in card["stage"]}

    heard: set[int] = set()
    while not await is_up():
        for space, source in list(engine.playing):
            heard.add(source)
            engine.end_clip(space, source)
        await asyncio.sleep(0.005)
    await ben.do("PUT", f"{table.path}/stage/me", {"role": "speaker"})
    assert len(heard) <= 1 + len(words.NOTES)
    clock.advance(words.TURN_SECONDS + floor.GRACE_S + 1)
    assert not engine.playing
    await instance.sweep()

    await until(lambda: bool(engine.playing))
    assert not await is_up()


@pytest.mark.usefixtures("quick_looks")
async def test_the_evening_ends_and_visitors_may_still_come(
    instance: Instance, engine: FakeEngine, sign_up: SignUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a host does is written down for good: it does not go on for as long as a tab is open."""
    monkeypatch.setattr(turns, "EVENING", 2)
    ben = await sign_up("ben")
    table = Table(instance, engine, ben, await card_of(ben, words.DIALECTS))
    await table.join(ben)
    for _ in range(3):
        await until(lambda: bool(engine.playing))
        engine.end_clip(*next(iter(engine.playing)))
    looks: list[float] = []

    async def note(wait_s: float) -> None:
        looks.append(wait_s)
        await sleep(wait_s)

    monkeypatch.setattr(turns, "sleep", note)
    await until(lambda: len(looks) > 20)
    assert not engine.playing

    await ben.do("POST", f"{table.path}/requests", {})
    for _ in range(1000):
        card = await ben.do("GET", table.path)
        if ben.id in {seat["person"]["id"] for seat in card["stage"]}:
            return
        for space, source in list(engine.playing):
            engine.end_clip(space, source)
        await asyncio.sleep(0.005)
    raise AssertionError("nobody brought them up")


@pytest.mark.usefixtures("quick_looks")
async def test_whoever_helps_says_next(
    settings: Settings, clock: ManualClock, engine: FakeEngine
) -> None:
    """With somebody real at the fast lane the host leaves it to them."""
    instance = Instance(settings, engine=engine, clock=clock, passwords=quick_passwords())
    async with instance.transactions.begin() as tx:
        path, _, secret = (await service.fill(tx))[1].partition("#invitation=")
    async with instance.running():
        dora = await _helper(instance, path, secret)
        await Table(instance, engine, dora, {"id": path.rpartition("/")[2]}).join(dora)
        await dora.do("PUT", f"{path}/stage/me", {"role": "co_host"})
        await until(lambda: bool(engine.playing))
        engine.end_clip(*next(iter(engine.playing)))
        await until(lambda: not engine.playing)
        stage = (await dora.do("GET", path))["stage"]
        assert {seat["role"] for seat in stage} == {"host", "co_host"}

        seat = await dora.do("POST", f"{path}/queue/next", {})
        await until(lambda: [source for _, source in engine.playing] == [seat["source"]])
        await dora.do("PUT", f"{path}/mutes/{seat['person']['id']}")
        assert not engine.playing
        await dora.http.aclose()


async def _helper(instance: Instance, path: str, secret: str) -> Browser:
    """Sign up somebody and invite them by a printed link."""
    helper = Browser(http(instance))
    account = {"name": "dora", "password": "a long table for all", "display_name": "Dora"}
    helper.id = (await helper.do("POST", "/accounts", account))["id"]
    await helper.do("POST", f"{path}/invitations", {"token": secret})
    return helper


@pytest.mark.usefixtures("quick_looks")
async def test_a_muted_voice_falls_silent_and_comes_back_later(
    settings: Settings, clock: ManualClock, engine: FakeEngine
) -> None:
    """What a host decides holds for files, too; they miss a turn, then open their microphones."""
    instance = Instance(settings, engine=engine, clock=clock, passwords=quick_passwords())
    async with instance.transactions.begin() as tx:
        path, _, secret = (await service.fill(tx))[0].partition("#invitation=")
    async with instance.running():
        dora = await _helper(instance, path, secret)
        table = Table(instance, engine, dora, {"id": path.rpartition("/")[2]})
        await table.join(dora)
        await dora.do("PUT", f"{path}/stage/me", {"role": "co_host"})
        names = {seat["source"]: seat["person"] for seat in (await dora.do("GET", path))["stage"]}
        spoken: list[str] = []

        def next_clip() -> int:
            [(_, source)] = engine.playing
            spoken.append(names[source]["name"])
            return source

        await until(lambda: bool(engine.playing))
        engine.end_clip(*next(iter(engine.playing)))
        await until(lambda: bool(engine.playing))
        source = next_clip()
        await dora.do("PUT", f"{path}/mutes/{names[source]['id']}")
        assert source not in {one for _, one in engine.playing}
        while spoken.count("bo") < 2:
            await until(lambda: bool(engine.playing))
            next_clip()
            engine.end_clip(*next(iter(engine.playing)))
            await until(lambda: not engine.playing)

        order = [clip.speaker for clip in script.clips(script.TALK)][1:]
        missed = order.index("bo", 1)
        assert spoken == [*order[:missed], *order[missed + 1 : len(spoken) + 1]]
        await dora.http.aclose()


@pytest.mark.usefixtures("quick_looks")
async def test_whom_a_helper_brings_up_says_yes(
    settings: Settings, clock: ManualClock, engine: FakeEngine
) -> None:
    """Those in line have no devices: the demo answers for them, and they stay on the stage."""
    instance = Instance(settings, engine=engine, clock=clock, passwords=quick_passwords())
    async with instance.transactions.begin() as tx:
        path, _, secret = (await service.fill(tx))[0].partition("#invitation=")
    async with instance.running():
        dora = await _helper(instance, path, secret)
        await Table(instance, engine, dora, {"id": path.rpartition("/")[2]}).join(dora)
        await dora.do("PUT", f"{path}/stage/me", {"role": "co_host"})
        await dora.do("POST", f"{path}/requests/@efua/accept")
        await until(lambda: bool(engine.playing))
        engine.end_clip(*next(iter(engine.playing)))
        for _ in range(1000):
            stage = {s["person"]["name"]: s for s in (await dora.do("GET", path))["stage"]}
            if stage["efua"]["connected"] and stage["efua"]["confirm_by"] is None:
                break
            await asyncio.sleep(0.005)
        assert stage["efua"]["connected"]
        assert stage["tamsin"]["role"] == "co_host"
        await dora.http.aclose()


async def test_whoever_signs_up_is_followed_and_invited(
    instance: Instance, engine: FakeEngine, sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """They may come to the table of those the host follows, and sit down; others may not."""
    ben, guest = await sign_up("ben"), visitor()
    card = await card_of(ben, words.KITCHEN)
    table = Table(instance, engine, ben, card)
    told = (await ben.do("GET", "/notifications"))["items"]

    assert [(one["kind"], one["people"][0]["name"]) for one in told] == [
        ("invited", "odile"),
        ("followed", "odile"),
    ]
    assert card["you"]["may_take_seat"]
    await table.join(ben)
    await ben.do("PUT", f"{table.path}/stage/me", {"role": "speaker"})
    assert await guest.refused("GET", f"{table.path}/chat") == (401, "sign_in_to_listen")


async def test_moderators_find_cases_of_each_kind(instance: Instance, sign_up: SignUp) -> None:
    """One that waits about a person with what was seen, one about a space, one that is settled."""
    ada = await sign_up("ada")
    async with instance.transactions.begin() as tx:
        (await tx.session.get_one(Person, ada.id)).role = "admin"
    kinds = [
        [(case["person"] or case["space"]["host"])["name"] for case in found["cases"]]
        for found in [
            await ada.do("GET", f"/moderation/cases?state={state}") for state in ("open", "settled")
        ]
    ]
    [kai] = [
        case
        for case in (await ada.do("GET", "/moderation/cases"))["cases"]
        if case["person"] is not None
    ]
    [suspended] = (await ada.do("GET", "/moderation/suspensions"))["suspensions"]
    acts = {entry["act"] for entry in (await ada.do("GET", "/moderation/log"))["entries"]}

    assert kinds == [["juno", "kai"], ["vex"]]
    assert len(kai["reports"][0]["scene"]["lines"]) == 2
    assert suspended["appeal"]
    assert acts >= {"removed", "muted", "invited", "warned", "suspended", "appealed", "space_ended"}
    assert (await ada.do("GET", "/moderation/people/@kai"))["removals"] == 1


async def test_a_space_that_is_over_has_its_last_screen(visitor: Callable[[], Browser]) -> None:
    """Who was on the stage, and what was written, since the host keeps it."""
    guest = visitor()
    card = await card_of(guest, words.LAST_NIGHT, "ended")
    lines = (await guest.do("GET", f"/spaces/{card['id']}/chat"))["items"]

    assert [seat["person"]["name"] for seat in card["stage"]] == list(words.LAST_STAGE)
    assert len(lines) == len(words.LAST_LINES)


async def test_the_demo_goes_without_a_trace(
    instance: Instance, engine: FakeEngine, sign_up: SignUp
) -> None:
    """After `convivium demo remove` no row is left of it, but in the log, which holds no names."""
    ben = await sign_up("ben")
    card = await card_of(ben, WELCOME)
    await Table(instance, engine, ben, card).join(ben)
    await ben.do("PUT", "/people/@juno/follow")
    people = len(script.speakers()) + len(line.ASKERS) + len(words.KITCHEN_PEOPLE) + 2
    async with instance.database.read() as session:
        marked = {person.id for person in await service.demo_people(session)}
        marked |= {space.id for space in await service.all_spaces(session)}

    async with instance.transactions.begin() as tx:
        assert await service.remove(tx) == people

    async with instance.database.read() as session:
        for table in Base.metadata.sorted_tables:
            rows = (await session.execute(select(table))).all()
            if table.name == "audit_entry":
                assert not any("demo" in str(row) for row in rows)
                continue
            assert not [row for row in rows if any(one in str(row) for one in marked)], table.name
            assert table.name in OF_BEN or not rows, table.name
    assert (await ben.do("GET", "/notifications"))["items"] == []
    assert (await ben.do("GET", "/spaces"))["items"] == []


# What is left when everybody but one person is gone, who signed up.
OF_BEN = {"person", "password", "session"}
