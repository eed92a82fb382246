"""Where voice notes are made and kept: one at a time, each in a process of its own."""

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from convivium.core.errors import Malformed, Refusal
from convivium.files.places import Places
from convivium.files.shelves import Shelves
from convivium.voice_notes.rules import FORMATS, SECONDS_MAX

# So many wait or are made at a time, and so many of one person.
IN_HAND = 6
EACH = 2
# Longer than the processor's time that a process has, on a machine with other things to do.
WORK_S = 60.0
# More than the longest note is in all formats.
ANSWER_MAX = 8_000_000
# Isolated: neither what is in the environment nor where the server was started reaches it.
COMMAND = ("-I", "-m", "convivium.voice_notes.worker")


class NotAVoiceNote(Malformed):
    """Something else came, or a note that is broken."""

    code = "not_a_voice_note"
    title = "This is no voice note that can be played"
    detail = "It takes one voice in WebM, Ogg or MP4, as browsers record it, and whole."


class VoiceNoteTooLong(Malformed):
    """More was said than there is room for."""

    code = "voice_note_too_long"
    title = "This voice note is too long"
    detail = f"A voice note is at most {SECONDS_MAX} seconds long. Say it in two."


class VoiceNoteTooShort(Malformed):
    """So little that nothing can have been said."""

    code = "voice_note_too_short"
    title = "This voice note is too short"
    detail = "Nothing can be heard in so little time. Record it once more."


class NoVoiceNotesHere(Malformed):
    """This server was installed without a decoder."""

    code = "no_voice_notes_here"
    title = "There are no voice notes here"
    detail = "This server has no decoder for them. Whoever runs it can install one."


_REFUSALS: dict[str, type[Refusal]] = {
    **{each.code: each for each in (NotAVoiceNote, VoiceNoteTooLong, VoiceNoteTooShort)},
    "no_decoder": NoVoiceNotesHere,
}


@dataclass(frozen=True, slots=True)
class Made:
    """A voice note written anew.

    name: what its files are called, after whose it is and what is heard. files: by their endings.
    """

    name: str
    files: dict[str, bytes]
    duration_ms: int
    levels: bytes


class Studio:
    """Makes voice notes and keeps their files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.shelves = Shelves(folder, FORMATS)
        self.places = Places(in_all=IN_HAND, each=EACH)
        self._one_at_a_time = asyncio.Semaphore(1)

    async def make(self, person_id: str, data: bytes) -> Made:
        """Write a voice note anew and keep its files.

        Its row is to follow, and after that `shelves.make_sure`. Raises NotAVoiceNote,
        VoiceNoteTooLong, VoiceNoteTooShort, NoVoiceNotesHere, DiskFull.
        """
        async with self._one_at_a_time:
            made = _read(person_id, await _work(data))
        await self.shelves.do(lambda: self.shelves.keep(made.name, made.files))
        return made


async def _work(data: bytes) -> bytes:
    """Let a worker read what came; whatever becomes of it, it is gone when this ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *COMMAND,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
    )
    try:
        async with asyncio.timeout(WORK_S):
            answer = await _answer_of(process, data)
            is_well = await process.wait() == 0
    except TimeoutError:
        raise NotAVoiceNote from None
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        # What it had said is taken off the pipe, which is closed then.
        await process.communicate()
    if not is_well:
        # It wanted more than it may have, or a decoder broke.
        raise NotAVoiceNote
    return answer


async def _answer_of(process: asyncio.subprocess.Process, data: bytes) -> bytes:
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101
    # One that ends early has said what it has to say.
    with suppress(ConnectionError):
        process.stdin.write(data)
        await process.stdin.drain()
    process.stdin.close()
    try:
        await process.stdout.readexactly(ANSWER_MAX)
    except asyncio.IncompleteReadError as whole:
        return whole.partial
    # What a decoder was made to say without end is no note.
    raise NotAVoiceNote


def _read(person_id: str, answer: bytes) -> Made:
    line, _, rest = answer.partition(b"\n")
    about = json.loads(line)
    if "refused" in about:
        raise _REFUSALS[about["refused"]]
    # A decoder that was taken over says what it likes: what becomes a file's name is ours.
    sizes = [about["sizes"].get(ending, -1) for ending in FORMATS]
    if min(sizes) < 0 or sum(sizes) != len(rest):
        raise NotAVoiceNote
    files = {}
    for ending, size in zip(FORMATS, sizes, strict=True):
        files[ending], rest = rest[:size], rest[size:]
    name = sha256(person_id.encode() + b"\0" + files["ogg"]).hexdigest()[:32]
    return Made(name, files, about["duration_ms"], bytes.fromhex(about["levels"]))
