"""Whoever waits and has shown that an address is theirs reads there that they are let in."""

from collections.abc import Callable
from pathlib import Path

import pytest

from convivium.accounts import service
from convivium.app import Instance
from convivium.core.config import Settings
from tests.conftest import PASSWORD, Browser
from tests.databases import Beginning
from tests.delivery.postbox import Postbox
from tests.delivery.test_mail import AMA, MAIL_S, mail_by, part, token_in
from tests.delivery.time import Pass


@pytest.fixture
def settings(data_folder: Path, empty_database: Beginning, box: Postbox) -> Settings:
    return empty_database.settings(data_folder, sign_up="waiting", **mail_by(box))


async def test_nobody_is_written_to_again_and_again(
    visitor: Callable[[], Browser], box: Postbox, pass_s: Pass
) -> None:
    """However many sign up with their address."""
    for number in range(3):
        body = {"name": f"ama{number}", "password": PASSWORD, "email": AMA}
        await visitor().do("POST", "/accounts", body)
    body = {"name": "ama", "password": PASSWORD, "email": AMA.upper()}
    assert await visitor().refused("POST", "/accounts", body) == (429, "slow_down")
    await pass_s(0)
    assert len(box.came) == 3


@pytest.mark.parametrize("is_confirmed", [True, False])
async def test_the_letter_goes_where_the_link_was_followed(
    visitor: Callable[[], Browser],
    instance: Instance,
    box: Postbox,
    pass_s: Pass,
    *,
    is_confirmed: bool,
) -> None:
    """An address that nobody has shown to be theirs gets no second letter."""
    async with instance.transactions.begin() as tx:
        hashed = await instance.passwords.hash(PASSWORD)
        await service.sign_up(tx, name="mo", password_hash=hashed, role="moderator")
    mod, ama = visitor(), visitor()
    await mod.do("POST", "/sessions", {"name": "mo", "password": PASSWORD})
    me = await ama.do("POST", "/accounts", {"name": "ama", "password": PASSWORD, "email": AMA})
    await pass_s(0)
    [letter] = box.came
    if is_confirmed:
        await visitor().do("POST", "/email-confirmations", {"token": token_in(letter)})

    await mod.do("POST", f"/moderation/waiting/{me['id']}/let-in")
    await pass_s(MAIL_S)

    told = [part(letter, "plain") for letter in box.came[1:]]
    assert [AMA] * (1 + is_confirmed) == [address for to in box.to for address in to]
    assert len(told) == int(is_confirmed)
    assert all("Your account is ready" in words for words in told)
