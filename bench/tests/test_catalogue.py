"""What the catalogue promises is what the server reckons with."""

from convivium.calls.capacity import LISTENER_BYTES

from bench.catalogue import CATALOGUE


def test_a_listener_takes_no_more_memory_than_the_room_is_reckoned_by() -> None:
    """Hosts are told of room by a number; the bench says when it is no longer true."""
    assert CATALOGUE["memory_in_a_crowd_kb"].goal == LISTENER_BYTES / 1000
