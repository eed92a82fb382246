"""People who link to pages, on a server that may fetch from this machine."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from convivium.core.config import Settings
from tests.conftest import Browser, SignUp
from tests.databases import Beginning
from tests.link_cards.site import Site, site


@pytest.fixture
def settings(data_folder: Path, empty_database: Beginning) -> Settings:
    return empty_database.settings(data_folder, outside_local=True, link_cards_burst=5)


@pytest.fixture
async def web() -> AsyncIterator[Site]:
    """A site elsewhere."""
    async with site() as web:
        yield web


@pytest.fixture
async def ama(sign_up: SignUp) -> Browser:
    return await sign_up("ama")


@pytest.fixture
async def ben(sign_up: SignUp) -> Browser:
    return await sign_up("ben")
