"""The demo: people who are marked, a table where voices talk in turns, and its end."""

import asyncio
import itertools
from collections.abc import Callable

import pytest

from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.demo import script, service
from convivium.demo.ogg import opus_packets
from convivium.media.fake import FakeEngine
from tests.conftest import Browser, quick_passwords
from tests.table import Table, until


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
        assert await service.fill(tx)
        assert not await service.fill(tx), "a second time changes nothing"
    await instance.database.close()
    return settings


@pytest.fixture
async def instance(filled: Settings, clock: ManualClock, engine: FakeEngine) -> Instance:  # type: ignore[misc]
    instance = Instance(filled, engine=engine, clock=clock, passwords=quick_passwords())
    async with instance.running():
        yield instance


async def test_a_newcomer_finds_a_live_table(visitor: Callable[[], Browser]) -> None:
    """The space is in the live strip, with everybody present and nobody muted."""
    [card] = (await visitor().do("GET", "/spaces?state=live"))["items"]

    assert card["title"] == "Welcome to the table"
    assert [seat["role"] for seat in card["stage"]] == ["host", *["speaker"] * 3]
    for seat in card["stage"]:
        assert seat["connected"]
        assert not seat["muted"]
        assert seat["person"]["display_name"].endswith("(demo)")


async def test_demo_people_keep_their_seats(
    instance: Instance, clock: ManualClock, visitor: Callable[[], Browser]
) -> None:
    """They have no calls, and are not sent away for it."""
    clock.advance(3600)
    await instance.sweep()

    [card] = (await visitor().do("GET", "/spaces"))["items"]
    assert len(card["stage"]) == 4


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
    [card] = (await guest.do("GET", "/spaces"))["items"]
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

    assert spoken == [clip.speaker for clip in itertools.islice(script.clips(), 3)]


async def test_the_demo_goes_without_a_trace(
    instance: Instance, visitor: Callable[[], Browser]
) -> None:
    """After `convivium demo remove` neither people nor space are left."""
    async with instance.transactions.begin() as tx:
        assert await service.remove(tx) == len(script.speakers())

    assert (await visitor().do("GET", "/spaces"))["items"] == []
    async with instance.database.read() as session:
        assert not await service.demo_people(session)
