"""The committed sound of the demo is complete, small, and in packets the engine can play."""

import json
from collections.abc import Iterator

import pytest

from make_demo_voices import LARGEST_BYTES, VOICES, speak

CONVERSATION = json.loads((VOICES / "conversation.json").read_text())
CLIPS = [clip["file"] for clip in CONVERSATION["clips"]]
TWENTY_MS_CONFIGURATIONS = {1, 5, 9, 13, 15, 19, 23, 27, 31}  # RFC 6716, 3.1


def packets(ogg: bytes) -> Iterator[bytes]:
    """Yield the packets of an Ogg stream (RFC 3533, 6), those of its two header pages included."""
    at, packet = 0, b""
    while at < len(ogg):
        lengths = ogg[at + 27 : at + 27 + ogg[at + 26]]
        at += 27 + len(lengths)
        for length in lengths:
            packet += ogg[at : at + length]
            at += length
            if length < 255:
                yield packet
                packet = b""


def test_every_clip_is_there_and_nothing_else_is() -> None:
    assert sorted(path.name for path in VOICES.glob("*.opus")) == sorted(CLIPS)


def test_everybody_in_the_conversation_is_introduced_and_speaks() -> None:
    assert {clip["speaker"] for clip in CONVERSATION["clips"]} == set(CONVERSATION["speakers"])


@pytest.mark.parametrize("file", CLIPS)
def test_a_clip_is_a_few_seconds_of_mono_in_packets_of_20_ms(file: str) -> None:
    content = (VOICES / file).read_bytes()
    head, _tags, *sound = packets(content)

    assert len(content) <= LARGEST_BYTES
    assert head.startswith(b"OpusHead")
    assert head[9] == 1
    assert {packet[0] >> 3 for packet in sound} <= TWENTY_MS_CONFIGURATIONS
    assert {packet[0] & 3 for packet in sound} == {0}  # one frame in each packet
    assert 150 <= len(sound) <= 300


def test_a_speaker_keeps_their_manner() -> None:
    command = speak("Hello.", CONVERSATION["speakers"]["bo"])

    assert command[1:3] == ["-v", "en-us+Andy"]
    assert command[-2:] == ["--stdout", "Hello."]
