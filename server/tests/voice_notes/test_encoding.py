"""What comes in as a voice note, and what of it is kept."""

import time

import pytest

from convivium.voice_notes.encoding import NotAVoiceNote, TooLong, TooShort, encode
from convivium.voice_notes.rules import LEVELS
from tests.voice_notes.samples import (
    KINDS,
    PLANTED,
    RATE_HZ,
    amplitude,
    heard,
    hour_of_silence,
    no_notes,
    of,
    share_of,
    spoken,
)


@pytest.mark.parametrize("kind", KINDS)
def test_what_browsers_record_is_heard_again(kind: str) -> None:
    """The same tone, as long as it was, in both of the formats that are kept."""
    made = encode(spoken(kind, pitch=523.0))

    assert made.duration_ms == pytest.approx(1000, abs=30)
    assert set(made.files) == {"ogg", "m4a"}
    for file in made.files.values():
        sound = heard(file)
        assert len(sound) == pytest.approx(RATE_HZ, abs=RATE_HZ // 10)
        assert share_of(sound, 523.0) > 0.9


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_but_sound_comes_through(kind: str) -> None:
    """Not the place where it was recorded, nor with what."""
    sent = spoken(kind)
    assert PLANTED.encode() in sent

    for file in encode(sent).files.values():
        assert PLANTED.encode() not in file
        assert b"Lav" not in file


def test_the_same_note_is_the_same_file() -> None:
    """Its name is made of it."""
    assert encode(spoken()).files == encode(spoken()).files


@pytest.mark.parametrize("loudness", [0.03, 0.1, 0.3])
def test_soft_and_loud_voices_are_made_alike(loudness: float) -> None:
    """Within a few decibels of each other."""
    file = encode(spoken(loudness=loudness)).files["ogg"]

    # A tone of -20 dB on average has peaks of -17 dB.
    assert amplitude(heard(file)) == pytest.approx(0.141 * 32768, rel=0.15)


def test_a_room_in_which_nobody_speaks_is_not_made_loud() -> None:
    """Its hum stays hum."""
    assert amplitude(heard(encode(spoken(loudness=0.002)).files["ogg"])) < 0.004 * 32768


def test_levels_say_where_something_is_said() -> None:
    """So many of them, however long the note is; a pause is near to nothing."""
    silence, tone = spoken(loudness=0.0), spoken(loudness=0.1)

    assert list(encode(silence).levels) == [0] * LEVELS
    assert min(encode(tone).levels[1:-1]) > 150
    assert len(encode(spoken(seconds=3.0)).levels) == LEVELS


@pytest.mark.parametrize("what", no_notes())
def test_what_is_no_voice_note_is_refused(what: str) -> None:
    """Whatever it is called, and whatever else is in it."""
    began = time.process_time()

    with pytest.raises(NotAVoiceNote):
        encode(no_notes()[what])

    assert time.process_time() - began < 5.0


def test_what_breaks_off_is_refused_or_ends_there() -> None:
    """A recorder may be cut off anywhere; nothing worse comes of it."""
    for kind in KINDS:
        whole = spoken(kind)
        for share in (0.2, 0.5, 0.9, 0.99):
            try:
                made = encode(whole[: int(len(whole) * share)])
            except NotAVoiceNote:
                continue
            assert made.duration_ms <= 1100


def test_too_much_and_too_little_are_told_apart() -> None:
    """A little more than one may say is let through: clocks differ."""
    with pytest.raises(TooShort):
        encode(spoken(seconds=0.3))
    with pytest.raises(TooLong):
        encode(hour_of_silence())


def test_an_hour_of_silence_is_refused_soon() -> None:
    """Few octets that would become 350 megabytes."""
    sent = hour_of_silence()
    assert len(sent) < 300_000
    began = time.process_time()

    with pytest.raises(TooLong):
        encode(sent)

    assert time.process_time() - began < 5.0


def test_a_head_that_promises_hours_is_not_believed() -> None:
    """What is decoded counts, not what is announced."""
    sent = bytearray(spoken("MP4"))
    at = sent.index(b"mvhd") + 20
    sent[at : at + 4] = b"\x7f\xff\xff\xff"

    assert encode(bytes(sent)).duration_ms == pytest.approx(1000, abs=60)


def test_what_is_two_things_at_once_becomes_one() -> None:
    """A page behind a note is left behind, or the note is refused."""
    page = b"<script>alert(1)</script>"
    for kind in KINDS:
        try:
            made = encode(spoken(kind) + page)
        except NotAVoiceNote:
            continue
        assert all(b"<script>" not in file for file in made.files.values())


def test_a_low_rate_does_not_become_much_sound() -> None:
    """Telephones record 8,000 samples a second; slower is nothing that a browser sends."""
    assert encode(of("aac", "mp4", 8000)).duration_ms > 500
    with pytest.raises(NotAVoiceNote):
        encode(of("aac", "mp4", 7350))
