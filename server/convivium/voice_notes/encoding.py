"""What somebody sends becomes a voice note of ours: decoded, and written anew from what is heard.

Runs in the worker alone. FFmpeg's decoders (by PyAV) read here what strangers made: whatever they
stumble over, or do that they should not, happens to a process that holds nothing else.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from typing import cast

import av
from av.audio.resampler import AudioResampler
from av.codec.context import Flags
from av.container import InputContainer

from convivium.voice_notes.rules import (
    RATE_HZ,
    SECONDS_MAX,
    SECONDS_MIN,
    SECONDS_OVER,
    container_of,
    gain_db,
    levels_of,
)

# What browsers record, and nothing else of all that FFmpeg reads.
CODECS = frozenset(("opus", "libopus", "aac"))
CHANNELS_MAX = 2
# Lower rates would become many times as much sound as they are.
SLOWEST_HZ = 8_000
MOST = (SECONDS_MAX + SECONDS_OVER) * RATE_HZ
LEAST = int(SECONDS_MIN * RATE_HZ)
# By the ending of the file: muxer, encoder, and bits a second.
WRITTEN = {"ogg": ("ogg", "libopus", 32_000), "m4a": ("mp4", "aac", 48_000)}
# No peak is higher, as a share of full scale: codecs go a little beyond.
CEILING = 0.8
# How much is put through the limiter at a time, in samples.
PIECE = RATE_HZ


class NotAVoiceNote(Exception):  # noqa: N818 - it is the note that is wrong
    """Something else came, or a note that is broken. `code` says it to the server."""

    code = "not_a_voice_note"


class TooLong(NotAVoiceNote):
    """More was said than there is room for."""

    code = "voice_note_too_long"


class TooShort(NotAVoiceNote):
    """So little that nothing can have been said."""

    code = "voice_note_too_short"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A voice note written anew: its files by their endings, its length, its levels."""

    files: dict[str, bytes]
    duration_ms: int
    levels: bytes


def encode(data: bytes) -> Encoded:
    """Write a voice note anew. Raises NotAVoiceNote, TooLong, TooShort."""
    sound = _decoded(data)
    if len(sound) < LEAST:
        raise TooShort
    gain = gain_db(sound)
    frames = list(_evened(sound, gain))
    files = {ending: _written(frames, *how) for ending, how in WRITTEN.items()}
    return Encoded(files, len(sound) * 1000 // RATE_HZ, levels_of(sound, gain))


def _decoded(data: bytes) -> "array[int]":
    """Give the sound of what came: int16, mono, 48 kHz."""
    container = container_of(data)
    if container is None:
        raise NotAVoiceNote
    try:
        with av.open(BytesIO(data), "r", format=container) as opened:
            return _sound_of(opened)
    except NotAVoiceNote:
        raise
    except Exception as error:
        # Whatever a decoder stumbles over, it is the note that is broken.
        raise NotAVoiceNote from error


def _sound_of(opened: InputContainer) -> "array[int]":
    if len(opened.streams) != 1 or not opened.streams.audio:
        raise NotAVoiceNote
    stream = opened.streams.audio[0]
    codec = stream.codec_context
    if codec.name not in CODECS or codec.layout.nb_channels > CHANNELS_MAX:
        raise NotAVoiceNote
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
    sound = array("h")
    for frame in opened.decode(stream):
        if frame.sample_rate < SLOWEST_HZ:
            raise NotAVoiceNote
        _take(sound, resampler.resample(frame))
        if len(sound) > MOST:
            raise TooLong
    if sound:
        _take(sound, resampler.resample(None))
    return sound


def _take(sound: "array[int]", frames: list[av.AudioFrame]) -> None:
    for frame in frames:
        # A plane may be longer than what is in it.
        sound.frombytes(bytes(frame.planes[0])[: frame.samples * sound.itemsize])


def _evened(sound: "array[int]", gain: float) -> Iterator[av.AudioFrame]:
    """Make a sound so much louder, and hold its peaks below the ceiling."""
    graph = av.filter.Graph()
    graph.link_nodes(
        graph.add_abuffer(
            sample_rate=RATE_HZ, format="s16", layout="mono", time_base=Fraction(1, RATE_HZ)
        ),
        graph.add("volume", f"volume={gain:.2f}dB:precision=float"),
        graph.add("alimiter", f"limit={CEILING}:level=disabled"),
        graph.add("aformat", f"sample_fmts=fltp:channel_layouts=mono:sample_rates={RATE_HZ}"),
        graph.add("abuffersink"),
    ).configure()
    for frame in _pieces(sound):
        graph.push(frame)
        yield from _pulled(graph)
    graph.push(None)
    yield from _pulled(graph)


def _pieces(sound: "array[int]") -> Iterator[av.AudioFrame]:
    for first in range(0, len(sound), PIECE):
        piece = sound[first : first + PIECE]
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(piece))
        frame.planes[0].update(piece.tobytes())
        frame.sample_rate, frame.time_base, frame.pts = RATE_HZ, Fraction(1, RATE_HZ), first
        yield frame


def _pulled(graph: av.filter.Graph) -> Iterator[av.AudioFrame]:
    while True:
        try:
            yield cast("av.AudioFrame", graph.pull())
        except (av.error.BlockingIOError, av.error.EOFError):
            return


def _written(frames: list[av.AudioFrame], muxer: str, encoder: str, bit_rate: int) -> bytes:
    """Write sound into a file that says nothing else: no time, no place, no name of a program."""
    into = BytesIO()
    with av.open(into, "w", format=muxer, options={"fflags": "+bitexact"}) as opened:
        stream = cast("av.AudioStream", opened.add_stream(encoder, rate=RATE_HZ, layout="mono"))
        stream.codec_context.bit_rate = bit_rate
        # Otherwise the first frame of AAC says who wrote it.
        stream.codec_context.flags |= Flags.bitexact
        for frame in [*frames, None]:
            opened.mux(stream.encode(frame))
    return into.getvalue()
