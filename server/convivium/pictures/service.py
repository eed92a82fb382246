"""What people do with pictures."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import profiles
from convivium.accounts.models import Person
from convivium.accounts.service import is_suspended
from convivium.core.actor import Actor
from convivium.core.errors import Conflict, NotFound
from convivium.core.ids import new_id
from convivium.core.transaction import Transaction
from convivium.files.service import UNUSED_MAX, Kind
from convivium.pictures.encoding import Encoded
from convivium.pictures.events import PictureTaken
from convivium.pictures.models import Picture

PICTURES = Kind(Picture, "forget_picture")


class PictureNotFound(NotFound):
    """There is none, or it is not for this person to see; the two look the same."""

    code = "picture_not_found"
    title = "This picture is not there"
    detail = "It was taken away, or it is not for you to see."


class TooManyPictures(Conflict):
    """Somebody has as many pictures as one may."""

    code = "too_many_pictures"
    title = "These are too many pictures"


# One's own face


async def wear(tx: Transaction, actor: Actor, made: Encoded) -> Person:
    """Be shown by a picture from now on."""
    person = await tx.session.get_one(Person, actor.id)
    former = await _faces_of(tx.session, person.id)
    tx.session.add(_row(tx, person.id, made, is_used=True))
    await PICTURES.let_go(tx, former)
    person.picture = made.name
    await tx.session.flush()
    await profiles.show(tx, person)
    return person


async def take_off_own(tx: Transaction, actor: Actor) -> Person:
    """Be shown by one's pebble again."""
    person = await tx.session.get_one(Person, actor.id)
    await take_off(tx, person, by=actor.id)
    return person


async def take_off(tx: Transaction, person: Person, *, by: str) -> None:
    """Let somebody be shown by their pebble again."""
    if person.picture is None:
        return
    await PICTURES.let_go(tx, await _faces_of(tx.session, person.id))
    person.picture = None
    await tx.session.flush()
    await tx.announce(PictureTaken(person.id, by))
    await profiles.show(tx, person)


async def is_face(session: AsyncSession, actor: Actor, name: str, now: datetime) -> bool:
    """Tell whether somebody is shown by these files; the suspended are so to staff alone."""
    face = (
        select(Picture.number)
        .join(Person, Person.id == Picture.person_id)
        .where(Picture.file == name, Picture.use == "face")
    )
    if not actor.moderates:
        face = face.where(~is_suspended(now))
    return await session.scalar(face.limit(1)) is not None


# For what one writes


async def add(tx: Transaction, actor: Actor, made: Encoded, most: int) -> Picture:
    """Keep a picture for what somebody is about to write.

    most: how many one may have. Raises TooManyPictures.
    """
    own = Picture.person_id == actor.id
    if await PICTURES.count(tx.session, most, own) >= most:
        raise TooManyPictures(f"One can have {most:,} pictures. Take away a post with some first.")
    if await PICTURES.count(tx.session, UNUSED_MAX, own & Picture.used_at.is_(None)) >= UNUSED_MAX:
        raise TooManyPictures("Many pictures of yours wait for their posts. Write one of these.")
    picture = _row(tx, actor.id, made, is_used=False)
    tx.session.add(picture)
    await tx.session.flush()
    return picture


async def use(
    tx: Transaction, actor: Actor, wanted: Sequence[tuple[str, str]]
) -> Sequence[Picture]:
    """Let a post show pictures, each with what it is described by. Raises PictureNotFound."""
    ids = [picture_id for picture_id, _ in wanted]
    rows = await tx.session.scalars(
        select(Picture).where(
            Picture.id.in_(ids),
            Picture.person_id == actor.id,
            Picture.use == "post",
            Picture.used_at.is_(None),
        )
    )
    found = {picture.id: picture for picture in rows}
    if set(found) != set(ids):
        raise PictureNotFound("A picture of this is not there any more. Add it again.")
    for picture_id, description in wanted:
        found[picture_id].description, found[picture_id].used_at = description, tx.now
    await tx.session.flush()
    return [found[picture_id] for picture_id in ids]


def _row(tx: Transaction, person_id: str, made: Encoded, *, is_used: bool) -> Picture:
    return Picture(
        id=new_id(),
        person_id=person_id,
        file=made.name,
        use=made.use,
        width=made.width,
        height=made.height,
        uploaded_at=tx.now,
        used_at=tx.now if is_used else None,
    )


async def _faces_of(session: AsyncSession, person_id: str) -> Sequence[Picture]:
    own = (Picture.person_id == person_id) & (Picture.use == "face")
    return (await session.scalars(select(Picture).where(own))).all()
