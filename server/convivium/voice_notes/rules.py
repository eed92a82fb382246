"""How long voice notes are, and what they come in and are kept as; pure.

The worker imports this: nothing here may need a database.
"""

import math
from array import array
from itertools import pairwise
from operator import mul

# What one may say, and what clocks and recorders may be off by.
SECONDS_MAX = 140
SECONDS_OVER = 2
# Shorter is a slip of the finger.
SECONDS_MIN = 0.5
RATE_HZ = 48_000
# What is kept of each, by the ending of its file, and what browsers are told that it is.
FORMATS = {"ogg": "audio/ogg", "m4a": "audio/mp4"}
# So many parts are drawn.
LEVELS = 64

# Loudness is taken from every so many samples: for a mean that is enough, and eight times quicker.
EVERY = 8
BLOCK = RATE_HZ // 20
# What is so much quieter than the loudest is a pause, and says nothing of how loud somebody talks.
PAUSE_DB = 20.0
# How loud notes are made: as a voice close to a microphone is; and how far it goes towards that.
TARGET_DB = -20.0
LOUDER_DB = 15.0
QUIETER_DB = -12.0
# What is drawn as nothing, and what as much as there can be.
QUIET_DB = -50.0
LOUD_DB = -14.0
SILENCE_DB = -120.0

_FULL_SCALE = 32768.0


def container_of(data: bytes) -> str | None:
    """Tell by the first octets what this came in, whatever it is called; None: not taken."""
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if data.startswith(b"OggS"):
        return "ogg"
    if data[4:8] == b"ftyp":
        return "mp4"
    return None


def gain_db(sound: "array[int]") -> float:
    """Say by how much a sound (int16, mono) is to be louder, or quieter."""
    blocks = [loudness_db(sound[first:last]) for first, last in _parts(len(sound), BLOCK)]
    loudest = max(blocks, default=SILENCE_DB)
    if loudest < QUIET_DB:
        # There is nothing in it but the room.
        return 0.0
    spoken = [10 ** (block / 10) for block in blocks if block > loudest - PAUSE_DB]
    mean_db = 10 * math.log10(sum(spoken) / len(spoken))
    return min(max(TARGET_DB - mean_db, QUIETER_DB), LOUDER_DB)


def levels_of(sound: "array[int]", gain: float) -> bytes:
    """Say how loud each part of a sound (int16, mono) is once it has this gain (dB), 0 to 255."""
    size = max(1, math.ceil(len(sound) / LEVELS))
    levels = bytes(
        _level(loudness_db(sound[first:last]) + gain) for first, last in _parts(len(sound), size)
    )
    return levels.ljust(LEVELS, b"\0")


def loudness_db(sound: "array[int]") -> float:
    """Say how loud a sound (int16) is on average, in dB below full scale."""
    some = sound[::EVERY]
    power = sum(map(mul, some, some)) / (len(some) * _FULL_SCALE**2) if some else 0.0
    return 10 * math.log10(power) if power > 0 else SILENCE_DB


def _level(loudness: float) -> int:
    share = (loudness - QUIET_DB) / (LOUD_DB - QUIET_DB)
    return round(255 * min(max(share, 0.0), 1.0))


def _parts(length: int, size: int) -> list[tuple[int, int]]:
    return list(pairwise([*range(0, length, size), length]))
