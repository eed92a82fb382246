"""Who hears at once that there is something new in their timeline: those who look."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.accounts.view import person_view
from convivium.core.bus import Bus
from convivium.core.database import Database, in_parts
from convivium.live.personal import Personal
from convivium.posts.events import PostReposted, PostWritten
from convivium.relationships.models import Follow, Mute


def subscribe(bus: Bus, personal: Personal, database: Database) -> None:
    """Tell those who follow whoever puts something into timelines, after the commit."""

    async def tell(by: str) -> None:
        looking = personal.looking()
        if not looking:
            return
        async with database.read() as session:
            person = await session.get_one(Person, by)
            people = await _willing(session, by, looking)
        await personal.whisper(people, "timeline_grew", {"person": person_view(person)})

    async def wrote(fact: PostWritten) -> None:
        if fact.is_listed:
            await tell(fact.by)

    async def reposted(fact: PostReposted) -> None:
        await tell(fact.by)

    bus.after(PostWritten, wrote)
    bus.after(PostReposted, reposted)


async def _willing(session: AsyncSession, by: str, people: list[str]) -> list[str]:
    """Leave those who follow somebody and do not mute them."""
    mutes = select(Mute.number).where(Mute.person_id == Follow.person_id, Mute.other_id == by)
    willing: list[str] = []
    for some in in_parts(people):
        willing += await session.scalars(
            select(Follow.person_id).where(
                Follow.other_id == by, Follow.person_id.in_(some), ~mutes.exists()
            )
        )
    return willing
