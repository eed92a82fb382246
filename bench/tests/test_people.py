from bench.people import heard_of

JOINED = {"p50": 12, "p95": 15, "max": 30}


def report(*voices: object) -> dict[str, object]:
    counted = {"spoken": 900, "packets": 50_000, "lost": 2}
    return {"join_ms": JOINED, "joins_per_s": 81.5, **counted, "voices": list(voices)}


def test_what_the_server_added_is_the_way_less_what_codec_and_packets_take() -> None:
    voice: dict[str, object] = {
        "mouth_to_ear_ms": {"p50": 80, "p95": 95, "max": 120},
        "direct_ms": 33,
    }
    voice["gaps_ms_per_s"] = {"p50": 0, "p95": 20, "max": 60}

    heard = heard_of(report(voice))

    assert heard.added_ms == (47, 62)
    assert heard.gaps_ms == (20, 60)
    assert (heard.join_p50_ms, heard.joins_per_s) == (12, 81.5)
    assert (heard.packets, heard.lost) == (50_000, 2)


def test_without_a_voice_nothing_was_added() -> None:
    assert heard_of(report()).added_ms is None
