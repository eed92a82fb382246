"""All that is kept of one person as one archive: a file of JSON lines for each table, and pictures.

What others said or did is theirs: who blocks somebody, what was reported of them, what others
wrote to them. What proves who somebody is stays here.
"""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import IO, Any

from sqlalchemy import Select, Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.core.database import Base
from convivium.pictures.album import Album
from convivium.pictures.models import Picture
from convivium.pictures.rules import SIZES

# Rows that are read, packed and sent at once.
AT_ONCE = 500

# Which column of a table says whose row it is.
OWNER: Mapping[str, str] = {
    "person": "id",
    "space": "host_id",
    "report": "by",
}
# Tables in which `person_id` is somebody, and whose rows are not in the archive; why.
LEFT_OUT: Mapping[str, str] = {
    "password": "proves who one is",
    "recovery_code": "proves who one is",
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


async def write(session: AsyncSession, album: Album, person_id: str) -> AsyncIterator[bytes]:
    """Give the archive piece by piece, as a zip file."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (table, owner) in tables().items():
            with archive.open(f"{name}.jsonl", "w", force_zip64=True) as file:
                rows = _of(table).where(table.columns[owner] == person_id)
                async for piece in _lines(session, rows, file, sink):
                    yield piece
        history = Base.metadata.tables["post_edit"], Base.metadata.tables["post"]
        with archive.open("post_edit.jsonl", "w", force_zip64=True) as file:
            edits = _of(history[0]).join(history[1]).where(history[1].c.person_id == person_id)
            async for piece in _lines(session, edits, file, sink):
                yield piece
        mine = select(Picture).where(Picture.person_id == person_id)
        for picture in (await session.scalars(mine)).all():
            largest = album.path(picture.file, SIZES[picture.use][-1])
            # A picture that is taken away meanwhile is not in it.
            with suppress(FileNotFoundError):
                archive.writestr(
                    f"pictures/{picture.id}.webp", await asyncio.to_thread(largest.read_bytes)
                )
            yield sink.taken()
    yield sink.taken()


def _of(table: Table) -> Select[Any]:
    """Read the columns of a table that are for its person to see."""
    return select(*(column for column in table.columns if column.name not in SECRETS))


async def _lines(
    session: AsyncSession, rows: Select[Any], file: IO[bytes], sink: "_Sink"
) -> AsyncIterator[bytes]:
    """Write rows as JSON, one a line, and give what is packed by then."""
    found = await session.stream(rows.execution_options(yield_per=AT_ONCE))
    async for part in found.mappings().partitions(AT_ONCE):
        for row in part:
            line = json.dumps(dict(row), default=_told, ensure_ascii=False)
            file.write(line.encode() + b"\n")
        yield sink.taken()


def _told(value: object) -> object:
    return value.isoformat() + "Z" if isinstance(value, datetime) else str(value)


class _Sink(io.RawIOBase):
    """Takes what a zip file writes, which goes on at once: nothing is kept as a file."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401 - anything that has bytes
        self._pieces.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """Give what was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
