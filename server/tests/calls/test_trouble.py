"""What becomes of gates and doors while the engine is busy, silent, or has lost events."""

from convivium.media.fake import FakeEngine
from tests.conftest import OpenTable, SignUp


async def test_a_mute_shuts_what_opened_late(
    open_table: OpenTable, sign_up: SignUp, engine: FakeEngine
) -> None:
    """An opening that was not confirmed in time may have happened: a mute closes it."""
    table = await open_table()
    ben = await sign_up("ben")
    await table.join(ben)
    await table.seat(ben)
    await ben.do("PUT", f"{table.path}/mutes/me")
    engine.refuses["set_gate"] = "silent"
    assert await ben.refused("DELETE", f"{table.path}/mutes/me") == (503, "gate_stuck")
    assert await table.heard() == {ben.id}
    engine.refuses.clear()

    await ben.do("PUT", f"{table.path}/mutes/me")

    assert await table.heard() == set()
