"""Voice notes for tests: as browsers record them, and what is sent in the place of one."""

import math
from array import array
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from io import BytesIO
from typing import cast

import av

RATE_HZ = 48_000
# Where a telephone writes down that it was.
PLANTED = "PLANTED-48.8584N-2.2945E"
# By what is asked for: the container, and the codec in it.
KINDS = {
    "WebM": ("webm", "libopus"),
    "Ogg": ("ogg", "libopus"),
    "MP4": ("mp4", "aac"),
    "MP4 with Opus": ("mp4", "libopus"),
}


@cache
def spoken(
    kind: str = "WebM", seconds: float = 1.0, pitch: float = 440.0, loudness: float = 0.1
) -> bytes:
    """Record a tone of so many seconds; loudness: its amplitude, 1 is full scale."""
    into = BytesIO()
    container, codec = KINDS[kind]
    with av.open(into, "w", format=container) as opened:
        opened.metadata["title"] = opened.metadata["location"] = PLANTED
        stream = cast("av.AudioStream", opened.add_stream(codec, rate=RATE_HZ, layout="mono"))
        for frame in [*_tone(seconds, pitch, loudness), None]:
            opened.mux(stream.encode(frame))
    return into.getvalue()


def heard(data: bytes) -> "array[int]":
    """Listen to a note: int16, mono, 48 kHz."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
    sound = array("h")
    with av.open(BytesIO(data), "r") as opened:
        for frame in opened.decode(audio=0):
            for part in resampler.resample(frame):
                sound.frombytes(bytes(part.planes[0])[: part.samples * 2])
    return sound


def share_of(sound: "array[int]", pitch: float) -> float:
    """Tell how much of a sound's power is at a pitch: 0 to 1."""
    whole = sum(each * each for each in sound)
    turn = 2 * math.pi * pitch / RATE_HZ
    real = sum(each * math.cos(turn * at) for at, each in enumerate(sound))
    other = sum(each * math.sin(turn * at) for at, each in enumerate(sound))
    return 2 * (real**2 + other**2) / (whole * len(sound)) if whole else 0.0


def amplitude(sound: "array[int]") -> int:
    """Tell how far a sound goes from nothing, past its first tenth of a second."""
    return max(map(abs, sound[RATE_HZ // 10 :]))


def with_video() -> bytes:
    """Record a voice and a picture that moves."""
    into = BytesIO()
    with av.open(into, "w", format="matroska") as opened:
        sound = opened.add_stream("libopus", rate=RATE_HZ, layout="mono")
        film = opened.add_stream("mjpeg", rate=10)
        film.width = film.height = 16
        film.pix_fmt = "yuvj420p"
        for _ in range(10):
            opened.mux(film.encode(av.VideoFrame(16, 16, "yuvj420p")))
        for frame in [*_tone(1.0, 440.0, 0.1), None]:
            opened.mux(sound.encode(frame))
    return into.getvalue()


def two_voices() -> bytes:
    """Record two voices beside each other."""
    into = BytesIO()
    with av.open(into, "w", format="matroska") as opened:
        streams = [opened.add_stream("libopus", rate=RATE_HZ, layout="mono") for _ in range(2)]
        for stream in streams:
            for frame in [*_tone(1.0, 440.0, 0.1), None]:
                opened.mux(stream.encode(frame))
    return into.getvalue()


def of(codec: str, container: str, rate_hz: int = RATE_HZ, layout: str = "mono") -> bytes:
    """Record with whatever codec, rate and channels."""
    into = BytesIO()
    with av.open(into, "w", format=container) as opened:
        stream = cast("av.AudioStream", opened.add_stream(codec, rate=rate_hz, layout=layout))
        for frame in [*_tone(1.0, 440.0, 0.1), None]:
            opened.mux(stream.encode(frame))
    return into.getvalue()


@cache
def hour_of_silence() -> bytes:
    """An hour in which nothing is said, of few octets: packets of 60 ms without sound in them."""
    into = BytesIO()
    packet_samples = 2880
    with av.open(into, "w", format="ogg") as opened:
        stream = opened.add_stream("libopus", rate=RATE_HZ, layout="mono")
        # The encoder writes the head; silence is one octet a packet (RFC 6716, 3.1: config 3, DTX).
        opened.mux(stream.encode(_silence()))
        for at in range(3600 * RATE_HZ // packet_samples):
            packet = av.Packet(b"\x18")
            packet.stream, packet.time_base = stream, Fraction(1, RATE_HZ)
            packet.pts = packet.dts = 10 * RATE_HZ + at * packet_samples
            packet.duration = packet_samples
            opened.mux(packet)
    return into.getvalue()


@cache
def no_notes() -> dict[str, bytes]:
    """Give what is no voice note, whatever it is called."""
    good = {kind: spoken(kind) for kind in KINDS}
    page = b"<!doctype html><script>alert(1)</script>"
    return {
        "nothing": b"",
        "one octet": b"\x1a",
        "a page": page,
        "a playlist": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        "a list of files": b"ffconcat version 1.0\nfile /etc/passwd\n",
        "a WAV": of("pcm_s16le", "wav"),
        "an MP3": of("libmp3lame", "mp3"),
        "a page behind the first octets of a WebM": b"\x1a\x45\xdf\xa3" + page * 100,
        "a page behind the first octets of an Ogg": b"OggS" + page * 100,
        "a page behind the first octets of an MP4": b"\0\0\0\x18ftypM4A " + page * 100,
        "half an MP4": good["MP4"][: len(good["MP4"]) // 2],
        "the first 100 octets of a WebM": good["WebM"][:100],
        "FLAC in an Ogg": of("flac", "ogg"),
        "FLAC in a Matroska": of("flac", "matroska"),
        "six channels": of("libopus", "ogg", layout="5.1"),
        "a voice and a film": with_video(),
        "two voices": two_voices(),
    }


def _tone(seconds: float, pitch: float, loudness: float) -> Iterator[av.AudioFrame]:
    turn = 2 * math.pi * pitch / RATE_HZ
    peak = 32767 * loudness
    sound = array("h", (round(peak * math.sin(turn * at)) for at in range(int(seconds * RATE_HZ))))
    for first in range(0, len(sound), RATE_HZ):
        yield _frame(sound[first : first + RATE_HZ], first)


def _silence() -> av.AudioFrame:
    return _frame(array("h", bytes(2 * RATE_HZ)), 0)


def _frame(sound: "array[int]", first: int) -> av.AudioFrame:
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(sound))
    frame.planes[0].update(sound.tobytes())
    frame.sample_rate, frame.time_base, frame.pts = RATE_HZ, Fraction(1, RATE_HZ), first
    return frame
