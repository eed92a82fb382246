"""The real engine as asyncio sees it, without a call."""

from collections.abc import Sequence

import pytest

from convivium.media.engine import EngineFailed, NativeEngine
from convivium.reactions.rules import MESSAGES


def engine(counted: Sequence[str]) -> NativeEngine:
    return NativeEngine(bind="127.0.0.1", port=0, advertise=["127.0.0.1"], counted=counted)


async def test_an_engine_counts_what_it_is_given_and_no_more_than_it_can() -> None:
    """All reactions there are fit; too many are refused in words at the start."""
    engine(MESSAGES).stop()

    with pytest.raises(EngineFailed, match="16"):
        engine([str(number) for number in range(17)])
