from bench.server import said_in


def test_lines_of_a_log_are_found_by_their_name_among_others() -> None:
    output = 'Convivium http://x (UDP 1)\n{"event": "numbers", "peers": 3}\n{"event": "other"}\n'

    assert said_in(output, "numbers") == [{"event": "numbers", "peers": 3}]
    assert said_in(output, "nothing") == []
