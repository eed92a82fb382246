"""The routes of people as one meets them: profiles, following, blocking, muting for oneself."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import TypedDict

from convivium.accounts.models import Person
from convivium.accounts.needs import need_account
from convivium.accounts.service import find_person
from convivium.accounts.view import PersonView, person_view
from convivium.core.actor import Actor
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.rate import Limit
from convivium.core.web import API, GivenTransactions, Reading, Who, Writing, given, need_read
from convivium.relationships import requests, service
from convivium.relationships.models import Block, Mute
from convivium.relationships.view import ProfileView, RelatedView, profile_view, related_view

router = APIRouter(prefix=f"{API}/people", tags=["people"])

ASKED_AT_ONCE = 50


class RelationshipLimits:
    """How often one person may say something about others."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.acts = Limit(clock, burst=settings.acts_burst, per_s=settings.acts_per_s)


GivenLimits = Annotated[RelationshipLimits, Depends(given(RelationshipLimits))]
PageSize = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(pattern=r"^\d{1,18}$")]


async def _about(user: str, actor: Who, tx: Writing, limits: GivenLimits) -> Person:
    """Find whom somebody with an account says something about."""
    need_account(actor, "write")
    limits.acts.take(actor.id)
    return await find_person(tx.session, actor, user)


# scope="function", as the transaction it looks in.
About = Annotated[Person, Depends(_about, scope="function")]


class PeoplePage(TypedDict):
    """One page of people; the cursor is null on the last."""

    items: list[PersonView]
    next_cursor: str | None


class RelatedPage(TypedDict):
    """People with how one stands to each."""

    items: list[RelatedView]


# Before `/{user}`: addresses are tried in this order.
@router.get("/me/blocks")
async def blocked(
    actor: Who, session: Reading, limit: PageSize = 50, cursor: Cursor = None
) -> PeoplePage:
    """List whom one blocks, the latest first."""
    return await _page(session, actor, Block, limit, cursor)


@router.get("/me/mutes")
async def muted(
    actor: Who, session: Reading, limit: PageSize = 50, cursor: Cursor = None
) -> PeoplePage:
    """List whom one does not want to hear, the latest first."""
    return await _page(session, actor, Mute, limit, cursor)


@router.get("/me/follow-requests")
async def follow_requests(
    actor: Who,
    session: Reading,
    transactions: GivenTransactions,
    limit: PageSize = 50,
    cursor: Cursor = None,
) -> PeoplePage:
    """List who waits to be let follow one, the latest first."""
    need_account(actor, "read")
    before = int(cursor) if cursor else None
    found = await requests.waiting_for(
        session, actor.id, transactions.now(), before=before, limit=limit + 1
    )
    return _people(found, limit)


@router.put("/me/follow-requests/{user}", status_code=204)
async def accept(person: About, actor: Who, tx: Writing) -> None:
    """Let somebody follow one."""
    await requests.accept(tx, actor, person)


@router.delete("/me/follow-requests/{user}", status_code=204)
async def decline(person: About, actor: Who, tx: Writing) -> None:
    """Not let somebody follow one; they are not told."""
    await requests.decline(tx, actor, person)


@router.get("")
async def related(
    actor: Who,
    session: Reading,
    ids: Annotated[str, Query(max_length=ASKED_AT_ONCE * 40)],
) -> RelatedPage:
    """Tell how one stands to up to 50 people, of whom one has the ids; unknown ones are left out.

    ids: with commas between.
    """
    need_account(actor, "read")
    wanted = list(dict.fromkeys(filter(None, ids.split(","))))[:ASKED_AT_ONCE]
    people = await service.people_for(session, actor, wanted)
    found = await service.relations(session, actor.id, [person.id for person in people])
    return {"items": [related_view(person, found[person.id]) for person in people]}


@router.get("/{user}")
async def profile(
    user: str, actor: Who, session: Reading, transactions: GivenTransactions
) -> ProfileView:
    """Give somebody's profile."""
    need_read(actor)
    person = await service.seen_by(session, actor, await find_person(session, actor, user))
    return await profile_view(session, actor, person, transactions.now())


@router.put("/{user}/follow", status_code=204)
async def follow(person: About, actor: Who, tx: Writing) -> None:
    """Follow somebody, or ask to, where they are protected."""
    await service.follow(tx, actor, person)


@router.delete("/{user}/follow", status_code=204)
async def unfollow(person: About, actor: Who, tx: Writing) -> None:
    """Follow somebody no more, nor ask to."""
    await service.unfollow(tx, actor, person)


@router.put("/{user}/block", status_code=204)
async def block(person: About, actor: Who, tx: Writing) -> None:
    """Block somebody: they leave one's live spaces at once, and find none of one's spaces."""
    await service.block(tx, actor, person)


@router.delete("/{user}/block", status_code=204)
async def unblock(person: About, actor: Who, tx: Writing) -> None:
    """Lift a block."""
    await service.unblock(tx, actor, person)


@router.put("/{user}/mute", status_code=204)
async def mute(person: About, actor: Who, tx: Writing) -> None:
    """Not want to hear somebody; only one's own pages know."""
    await service.mute(tx, actor, person)


@router.delete("/{user}/mute", status_code=204)
async def unmute(person: About, actor: Who, tx: Writing) -> None:
    """Want to hear somebody again."""
    await service.unmute(tx, actor, person)


@router.put("/{user}/bell", status_code=204)
async def ring(person: About, actor: Who, tx: Writing) -> None:
    """Be told when somebody goes live whom one follows."""
    await service.ring(tx, actor, person)


@router.delete("/{user}/bell", status_code=204)
async def ring_no_more(person: About, actor: Who, tx: Writing) -> None:
    """Not be told any more when somebody goes live."""
    await service.ring_no_more(tx, actor, person)


async def _page(
    session: AsyncSession, actor: Actor, kind: type[Block | Mute], limit: int, cursor: str | None
) -> PeoplePage:
    need_account(actor, "read")
    before = int(cursor) if cursor else None
    # One more than asked for tells whether there is another page.
    found = await service.said_about(session, kind, actor.id, before=before, limit=limit + 1)
    return _people(found, limit)


def _people(found: Sequence[tuple[int, Person]], limit: int) -> PeoplePage:
    shown = found[:limit]
    return {
        "items": [person_view(person) for _, person in shown],
        "next_cursor": str(shown[-1][0]) if len(found) > limit else None,
    }
