"""The process that makes voice notes: what bounds it, and what becomes of it."""

import asyncio
from pathlib import Path

import pytest

from convivium.voice_notes import studio as studios
from convivium.voice_notes.studio import (
    NotAVoiceNote,
    NoVoiceNotesHere,
    Studio,
    VoiceNoteTooLong,
    VoiceNoteTooShort,
)
from tests.voice_notes.samples import heard, hour_of_silence, share_of, spoken


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """A place to make them, with a folder of its own."""
    return Studio(tmp_path / "voice_notes")


async def test_a_note_is_made_and_kept_in_both_formats(studio: Studio) -> None:
    """Under a name that is another for another person."""
    made = await studio.make("ama", spoken())
    again, other = await studio.make("ama", spoken()), await studio.make("ben", spoken())

    assert made.name == again.name != other.name
    for ending in ("ogg", "m4a"):
        kept = studio.shelves.path(made.name, ending).read_bytes()
        assert kept == made.files[ending]
        assert share_of(heard(kept), 440.0) > 0.9


@pytest.mark.parametrize(
    ("sent", "refusal"),
    [
        (b"hello", NotAVoiceNote),
        (spoken(seconds=0.2), VoiceNoteTooShort),
        (hour_of_silence(), VoiceNoteTooLong),
    ],
    ids=["no note", "too short", "too long"],
)
async def test_each_refusal_has_words_of_its_own(
    studio: Studio, sent: bytes, refusal: type[Exception]
) -> None:
    """The process says which it is."""
    with pytest.raises(refusal):
        await studio.make("ama", sent)


def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str) -> None:
    """Let something else be the process."""
    program = tmp_path / "worker.py"
    program.write_text(does)
    monkeypatch.setattr(studios, "COMMAND", ("-I", str(program)))


BOUNDED = """
import sys
from convivium.voice_notes import worker
worker._bound()
sys.stdin.buffer.read()
"""


SAYS = """
import sys, json
sys.stdin.buffer.read()
about = {{"sizes": {sizes}, "duration_ms": 1000, "levels": "00"}}
sys.stdout.buffer.write(json.dumps(about).encode() + b"\\nabc")
"""


@pytest.mark.parametrize(
    "does",
    [
        "import os; os.abort()",
        "import sys; sys.exit(3)",
        BOUNDED + "kept = bytearray(4_000_000_000)",
        BOUNDED + "with open('written', 'wb') as file: file.write(bytes(100))",
        "while True: print('0' * 1000)",
        SAYS.format(sizes={"/../../x": 3}),
        SAYS.format(sizes={"ogg": -1, "m4a": 4}),
        SAYS.format(sizes={"ogg": 1, "m4a": 1}),
    ],
    ids=[
        "breaks",
        "gives up",
        "wants too much memory",
        "writes a file",
        "talks without end",
        "names a file",
        "counts down",
        "gives more than it says",
    ],
)
async def test_a_process_that_breaks_breaks_nothing_else(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str
) -> None:
    """Whatever a decoder was made to do, the note is refused."""
    monkeypatch.chdir(tmp_path)
    worker(tmp_path, monkeypatch, does)

    with pytest.raises(NotAVoiceNote):
        await studio.make("ama", spoken())

    assert not (tmp_path / "written").exists() or (tmp_path / "written").stat().st_size == 0


async def test_a_process_that_does_not_end_is_ended(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one has its place."""
    with monkeypatch.context() as patched:
        worker(tmp_path, patched, "import sys, time; sys.stdin.buffer.read(); time.sleep(3600)")
        patched.setattr(studios, "WORK_S", 0.5)
        with pytest.raises(NotAVoiceNote):
            await studio.make("ama", spoken())

    assert (await studio.make("ama", spoken())).duration_ms == 1000


async def test_whoever_does_not_wait_leaves_no_process(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that ends takes its work with it."""
    sign = tmp_path / "begun"
    worker(tmp_path, monkeypatch, f"import time; open({str(sign)!r}, 'w'); time.sleep(3600)")
    making = asyncio.create_task(studio.make("ama", spoken()))
    async with asyncio.timeout(30):
        while not sign.exists():  # noqa: ASYNC110 - another process says it
            await asyncio.sleep(0.02)

    making.cancel()

    with pytest.raises(asyncio.CancelledError):
        await making


async def test_a_server_without_a_decoder_says_so(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was installed without the package; everything else goes on."""
    does = "import sys; sys.modules['av'] = None\nfrom convivium.voice_notes import worker\n"
    worker(tmp_path, monkeypatch, does + "worker.main()")

    with pytest.raises(NoVoiceNotesHere):
        await studio.make("ama", spoken())
