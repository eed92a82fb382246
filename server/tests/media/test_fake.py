"""The engine of the tests does what the real one does, where others rely on it."""

import asyncio

from convivium.media.engine import ClipEnded
from convivium.media.fake import FakeEngine


async def test_the_end_of_a_space_ends_its_clips_and_no_others() -> None:
    """Whoever waits for a clip is told that it will not go on."""
    engine = FakeEngine()
    for space in (1, 2):
        await engine.open_space(space)
        engine.play(space, 77, [b""])
    await engine.close_space(1)

    ended = await asyncio.wait_for(anext(engine.events()), timeout=1)
    assert ended == ClipEnded(1, 77)
    assert list(engine.playing) == [(2, 77)]
