"""What a client went through is judged by what was seen, not by the time it took to look."""

from e2e.clients.guest import SILENT_FOR_S, is_still


def test_silence_is_so_long_without_a_packet() -> None:
    packets, now = 5, 100.0
    look = is_still(lambda: packets, lambda: now)

    now += SILENT_FOR_S - 0.1
    assert not look()
    packets += 1
    now += 0.2
    assert not look(), "a packet came"
    now += SILENT_FOR_S - 0.1
    assert not look()
    now += 0.2
    assert look()
