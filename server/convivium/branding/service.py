"""What administrators give the instance for its own, and how it is known to whoever writes a page.

What pages need of it is kept in memory, and looked up again after each change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import cast

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.branding.events import BrandingChanged
from convivium.branding.models import Branding, LogoFile
from convivium.branding.rules import Colour, Pair, faults_of, style_of
from convivium.core.actor import Actor
from convivium.core.database import Database
from convivium.core.errors import Malformed, NotFound
from convivium.core.transaction import Transaction
from convivium.pictures.encoding import Encoded

# What it is called while nobody has given it another name.
OUR_NAME = "Convivium"
OUR_WORDS = "Live conversations you can walk into."


class ColoursUnreadable(Malformed):
    """With these colours something could not be read."""

    code = "colours_unreadable"
    title = "Some of these colours cannot be read"


class LogoNotFound(NotFound):
    """There is none, or another one by now."""

    code = "logo_not_found"
    title = "This sign is not there"


@dataclass(frozen=True, slots=True)
class Brand:
    """How the instance is called and looks; about, rules, contact: what it says of itself.

    style: its colours as a sheet. logo: the name of its sign; None while it has ours.
    """

    name: str = OUR_NAME
    about: str = ""
    rules: str = ""
    contact: str = ""
    style: str = ""
    logo: str | None = None

    @property
    def is_own(self) -> bool:
        """Whether its name or its sign is another than ours."""
        return self.name != OUR_NAME or self.logo is not None

    @property
    def in_one_line(self) -> str:
        """What is said of it where there is room for a line."""
        return self.about.partition("\n")[0] or OUR_WORDS


class Brands:
    """The brand of now, in memory: each page is written with it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.current = Brand()

    async def look(self) -> None:
        """Look it up again."""
        async with self._database.read() as session:
            self.current = brand_of(await chosen(session))

    async def look_again(self, _fact: BrandingChanged) -> None:
        """Look it up again once it is another."""
        await self.look()


@dataclass(frozen=True, slots=True)
class Words:
    """What an administrator writes; name: empty for ours."""

    name: str
    about: str
    rules: str
    contact: str


async def chosen(session: AsyncSession) -> Branding | None:
    """Give what was chosen; None while all of it is ours."""
    return await session.get(Branding, 1)


def brand_of(row: Branding | None) -> Brand:
    """Make the brand of what was chosen."""
    if row is None:
        return Brand()
    return Brand(
        name=row.name or OUR_NAME,
        about=row.about,
        rules=row.rules,
        contact=row.contact,
        style=style_of(colours_of(row)),
        logo=row.logo,
    )


def colours_of(row: Branding | None) -> dict[Colour, Pair]:
    """Give the colours that were chosen."""
    if row is None:
        return {}
    return {cast("Colour", name): (pair[0], pair[1]) for name, pair in row.colours.items()}


async def change(
    tx: Transaction, actor: Actor, words: Words, colours: Mapping[Colour, Pair]
) -> Branding:
    """Give the instance its words and colours, all of them anew. Raises ColoursUnreadable."""
    if faults_of(colours):
        raise ColoursUnreadable(
            "With these colours some words could not be read. Take the colours that are offered."
        )
    row = await _row(tx)
    wanted = {
        "name": words.name,
        "about": words.about,
        "rules": words.rules,
        "contact": words.contact,
        "colours": {name: list(pair) for name, pair in colours.items()},
    }
    other = tuple(name for name, value in wanted.items() if getattr(row, name) != value)
    for name in other:
        setattr(row, name, wanted[name])
    await _note(tx, actor, row, other)
    return row


async def wear(tx: Transaction, actor: Actor, made: Encoded) -> Branding:
    """Give the instance a sign."""
    row = await _row(tx)
    await tx.session.execute(delete(LogoFile))
    tx.session.add_all(LogoFile(size=size, webp=webp) for size, webp in made.files.items())
    row.logo = sha256(made.files[max(made.files)]).hexdigest()[:32]
    await _note(tx, actor, row, ("logo",))
    return row


async def take_off(tx: Transaction, actor: Actor) -> Branding:
    """Give the instance our sign again."""
    row = await _row(tx)
    other = ("logo",) if row.logo else ()
    await tx.session.execute(delete(LogoFile))
    row.logo = None
    await _note(tx, actor, row, other)
    return row


async def reset(tx: Transaction, actor: Actor) -> None:
    """Make the instance as we made it."""
    row = await chosen(tx.session)
    if row is None:
        return
    await tx.session.execute(delete(LogoFile))
    await tx.session.delete(row)
    await tx.session.flush()
    await tx.announce(BrandingChanged(actor.id, ("all",)))


async def logo(session: AsyncSession, name: str, size: int) -> bytes:
    """Give the sign in one size. Raises LogoNotFound, also for one that was there before."""
    row = await chosen(session)
    if row is None or row.logo != name:
        raise LogoNotFound
    found = await session.scalar(select(LogoFile.webp).where(LogoFile.size == size))
    if found is None:
        raise LogoNotFound
    return found


async def _row(tx: Transaction) -> Branding:
    row = await chosen(tx.session)
    if row is None:
        row = Branding(id=1, name="", about="", rules="", contact="", colours={}, changed_at=tx.now)
        tx.session.add(row)
    return row


async def _note(tx: Transaction, actor: Actor, row: Branding, other: tuple[str, ...]) -> None:
    if other:
        row.changed_at = tx.now
    await tx.session.flush()
    if other:
        await tx.announce(BrandingChanged(actor.id, other))
