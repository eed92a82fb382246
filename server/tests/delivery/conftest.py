"""People who are told outside of the app, on a server that may send to this machine."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from tests.conftest import Browser, SignUp
from tests.databases import Beginning
from tests.delivery.endpoint import PushService, push_service
from tests.delivery.postbox import Postbox, postbox
from tests.delivery.time import Pass


@pytest.fixture
def settings(data_folder: Path, empty_database: Beginning) -> Settings:
    return empty_database.settings(data_folder, outside_local=True)


@pytest.fixture
def box() -> Iterator[Postbox]:
    """A server for mail, and what came there."""
    with postbox() as box:
        yield box


@pytest.fixture
async def service(instance: Instance) -> AsyncIterator[PushService]:
    """A push service, which is there as long as the server is."""
    async with push_service() as service:
        yield service
        await instance.outside.close()


@pytest.fixture
def pass_s(instance: Instance, clock: ManualClock) -> Pass:
    """Let time pass and everything be done that is due, inside and outside."""

    async def go(seconds: float = 0) -> None:
        clock.advance(seconds)
        await instance.jobs.run_due()
        await instance.pushes.run_due()
        await instance.mails.run_due()

    return go


@pytest.fixture
async def ama(sign_up: SignUp) -> Browser:
    return await sign_up("ama")


@pytest.fixture
async def ben(sign_up: SignUp) -> Browser:
    return await sign_up("ben")
