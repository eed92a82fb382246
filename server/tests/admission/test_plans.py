"""What staff look through is found by an index, however many people there are."""

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from convivium.accounts import joining, service
from convivium.accounts.models import Person
from convivium.app import Instance
from convivium.core.actor import ALL_SCOPES
from convivium.demo.seed import name_of
from tests.conftest import Browser
from tests.test_plans import crowd_of, explained, said_to, whole_tables

READS = (
    "/admin/people",
    "/admin/people?cursor=1700000000000000-x",
    "/admin/people?whom=staff",
    "/admin/people?whom=suspended",
    "/admin/people?q=seeded",
    "/admin/people/@{other}",
    "/admin/invitations",
    "/admin/invitations?cursor=1000",
    "/admin/invitations/1/people",
    "/me/invitations",
    "/moderation/waiting",
    "/moderation/waiting?cursor=1",
    "/sign-up",
)


@pytest.mark.parametrize("path", READS)
async def test_staff_read_no_table_whole(instance: Instance, app: FastAPI, path: str) -> None:
    """Not even where only a few are looked for among very many."""
    crowd = await crowd_of(instance, app)
    await crowd.reader.http.aclose()
    async with instance.transactions.begin() as tx:
        await joining.invite(tx, uses=3, days=3)
        for number in range(3):
            admitted = joining.Admitted(waits=True)
            name = f"waits_{number}"
            await service.sign_up(tx, name=name, password_hash=None, admitted=admitted)
        person = await tx.session.scalar(select(Person).where(Person.name == name_of(1)))
        assert person is not None
        person.role = "admin"
        secret = await service.make_token(tx, name_of(1), ALL_SCOPES)
    reader = Browser(app, bearer=secret)

    with said_to(instance) as said:
        await reader.do("GET", path.format(other=name_of(2)))

    await reader.http.aclose()
    async with instance.database.read() as session:
        for statement, values in said:
            plan = await explained(session, statement, values)
            assert not whole_tables(plan), f"{statement}\n{plan}"
