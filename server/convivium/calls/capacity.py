"""How many more listeners there is room for, in numbers that people can do something with; pure."""

# What one listener takes: a peer of the engine, a data channel, an entry here. Measured were 20 kB
# for one more of 50,000 and 4 kB for a data channel (docs/performance.md, 21 Nov 2026); the rest
# is for what the kernel holds, and `make bench` says when a listener takes more than this.
LISTENER_BYTES = 40_000
# Left alone, whatever comes: the machine does other things too.
SPARE_BYTES = 256 << 20


def room_in_memory(free_bytes: int | None) -> int | None:
    """Tell how many more listeners the memory holds; None where that is not known."""
    if free_bytes is None:
        return None
    return max(0, free_bytes - SPARE_BYTES) // LISTENER_BYTES


def friendly(room: int) -> int:
    """Round down to a number one would say: 7, 40, 350, 8,500, 23,000."""
    return room - room % _grain(room)


def noticed(shown: int | None, room: int) -> int:
    """Tell what to show now: what was shown, unless the room is clearly another.

    Without this a room at the border of two numbers would be told again and again.
    """
    if shown is None or room == 0:
        return friendly(room)
    margin = _grain(shown) // 4
    still = shown - margin <= room < shown + _grain(shown) + margin
    return shown if still and shown > 0 else friendly(room)


def _grain(room: int) -> int:
    for above, grain in ((20_000, 1_000), (1_000, 500), (100, 50), (20, 10)):
        if room >= above:
            return grain
    return 1
