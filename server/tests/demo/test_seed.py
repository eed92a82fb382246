"""The many made-up people: as many as were asked for, unevenly, and as if they had done it."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Password, Person
from convivium.app import Instance
from convivium.core.database import Base
from convivium.core.jobs import Job
from convivium.demo.seed import STARS, SeededAlready, Size, name_of, seed
from convivium.posts.models import Post, PostLike, PostTag, TimelineEntry
from convivium.relationships.models import Follow
from convivium.spaces.models import Space
from tests.conftest import SignUp

SIZE = Size(people=200, follows=3000, posts=1000, spaces=40)


async def count(session: AsyncSession, table: type[Base]) -> int:
    return await session.scalar(select(func.count()).select_from(table)) or 0


async def fill(instance: Instance) -> None:
    async with instance.transactions.begin() as tx:
        await seed(tx, SIZE)


async def test_there_is_as_much_as_was_asked_for(instance: Instance) -> None:
    """Nobody can sign in, each post that answers nobody stands in timelines, counts are right."""
    await fill(instance)
    async with instance.database.read() as session:
        tables = (Person, Follow, Post, Space)
        made = [await count(session, table) for table in tables]
        assert made == [SIZE.people, SIZE.follows, SIZE.posts, SIZE.spaces]
        assert await count(session, Password) == 0
        begun = select(func.count()).where(Post.reply_to.is_(None))
        own = select(func.count()).where(TimelineEntry.is_repost.is_(False))
        assert await session.scalar(begun) == await session.scalar(own)
        likes = await session.scalar(select(func.sum(Post.likes)))
        assert likes == await count(session, PostLike) > 0
        planned = select(func.count()).where(Space.state == "scheduled")
        assert await session.scalar(planned) == await count(session, Job) > 0


async def test_a_few_are_followed_by_very_many(instance: Instance) -> None:
    """And a few hashtags are on everybody's lips."""
    await fill(instance)
    async with instance.database.read() as session:
        followers = (
            select(func.count(Follow.number))
            .group_by(Follow.other_id)
            .order_by(func.count().desc())
        )
        numbers = sorted(await session.scalars(followers), reverse=True)
        uses = (
            select(func.count(PostTag.post_number))
            .group_by(PostTag.tag)
            .order_by(func.count().desc())
        )
        used = sorted(await session.scalars(uses), reverse=True)

    assert numbers[STARS - 1] > SIZE.people / 3
    assert numbers[len(numbers) // 2] < 20
    assert used[0] > 3 * used[len(used) // 2]


async def test_people_go_on_among_them(instance: Instance, sign_up: SignUp) -> None:
    """What they wrote is read, answered and liked as any other."""
    await fill(instance)
    ama = await sign_up("ama")
    await ama.do("PUT", f"/people/@{name_of(0)}/follow")
    first = (await ama.do("GET", "/timeline"))["items"][0]["post"]
    before = first["counts"]["likes"]
    await ama.do("PUT", f"/posts/{first['id']}/like")
    answer = await ama.do("POST", "/posts", {"text": "hello", "reply_to": first["id"]})

    thread = await ama.do("GET", f"/posts/{answer['id']}/thread")
    assert thread["above"][-1]["counts"]["likes"] == before + 1


async def test_they_come_once(instance: Instance) -> None:
    await fill(instance)
    with pytest.raises(SeededAlready):
        await fill(instance)
