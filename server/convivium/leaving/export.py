"""All that is kept of one person as one archive: JSON lines for each table, pictures and sound.

What others said or did is theirs: who blocks somebody, what was reported of them, what others
wrote to them. What proves who somebody is stays here.
"""

import asyncio
import json
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Select, Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.core.clock import rfc_3339
from convivium.core.database import Base
from convivium.pictures.album import Album
from convivium.pictures.models import Picture
from convivium.pictures.rules import SIZES
from convivium.voice_notes.models import VoiceNote
from convivium.voice_notes.studio import Studio

# Rows that are read and packed at once.
AT_ONCE = 500

# Which column of a table says whose row it is.
OWNER: Mapping[str, str] = {
    "person": "id",
    "space": "host_id",
    "report": "by",
    "sign_up_invitation": "made_by",
}
# Tables in which `person_id` is somebody, and whose rows are not in the archive; why.
LEFT_OUT: Mapping[str, str] = {
    "password": "proves who one is",
    "recovery_code": "proves who one is",
    "password_reset": "proves who one is",
    "idempotency_key": "answers kept for a day, in case they were lost on the way",
    "push_subscription": "what it takes to reach a browser",
    "delivery": "what is on its way",
    "moderation_case": "what others said to the moderators",
    "mention": "what others wrote",
    "notification": "what others did",
}
# What is in no archive, of whatever table.
SECRETS = frozenset(("secret_hash", "credential", "public_key", "by", "network", "unsubscribe_key"))


def tables() -> Mapping[str, tuple[Table, str]]:
    """Give the tables of the archive by name, with the column that says whose a row is."""
    found = {}
    for name, table in sorted(Base.metadata.tables.items()):
        owner = OWNER.get(name, "person_id")
        if owner in table.columns and name not in LEFT_OUT:
            found[name] = (table, owner)
    return found


async def write(
    session: AsyncSession, album: Album, studio: Studio, person_id: str, into: IO[bytes]
) -> None:
    """Write the archive, a zip file."""
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (table, owner) in tables().items():
            rows = _of(table).where(table.columns[owner] == person_id)
            await _write_lines(session, rows, archive, name)
        edit, post = (Base.metadata.tables[name] for name in ("post_edit", "post"))
        edits = _of(edit).join(post).where(post.c.person_id == person_id)
        await _write_lines(session, edits, archive, "post_edit")
        mine = select(Picture).where(Picture.person_id == person_id)
        for picture in (await session.scalars(mine)).all():
            largest = album.path(picture.file, SIZES[picture.use][-1])
            await _write_file(largest, archive, f"pictures/{picture.id}.webp")
        said = select(VoiceNote).where(VoiceNote.person_id == person_id)
        for note in (await session.scalars(said)).all():
            path = studio.shelves.path(note.file, "ogg")
            await _write_file(path, archive, f"voice_notes/{note.id}.ogg")


async def _write_file(path: Path, archive: zipfile.ZipFile, name: str) -> None:
    """Write a file; one that is taken away meanwhile is not in it."""
    with suppress(FileNotFoundError):
        archive.writestr(name, await asyncio.to_thread(path.read_bytes))


def _of(table: Table) -> Select[Any]:
    """Read the columns of a table that are for its person to see."""
    return select(*(column for column in table.columns if column.name not in SECRETS))


async def _write_lines(
    session: AsyncSession, rows: Select[Any], archive: zipfile.ZipFile, name: str
) -> None:
    """Write rows as JSON, one a line."""
    found = await session.stream(rows.execution_options(yield_per=AT_ONCE))
    with archive.open(f"{name}.jsonl", "w", force_zip64=True) as file:
        async for part in found.mappings().partitions(AT_ONCE):
            lines = (json.dumps(dict(row), default=_told, ensure_ascii=False) for row in part)
            file.write("".join(f"{line}\n" for line in lines).encode())


def _told(value: object) -> object:
    if isinstance(value, bytes):
        return list(value)
    return rfc_3339(value) if isinstance(value, datetime) else str(value)
