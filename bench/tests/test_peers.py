import struct
from pathlib import Path

import pytest

from bench import plot
from bench.figures.load import Cost
from bench.generator import Counted
from bench.peers import murmur, ogg, packages, sound
from bench.peers.ocb import Sealer, doubled
from bench.peers.ours import Ours
from bench.peers.packages import Unpacked
from bench.peers.report import Comparison, as_text, write_down
from bench.peers.row import Row
from bench.server import MeasuringError


def cost(packet_ms: int, us_per_s: float) -> Cost:
    counted = Counted(1_000, 10, 0, 0, 0.5, 4.0, 0.4, 500.0, 0)
    return Cost(packet_ms, 1_000, us_per_s, 2_000, 100_000, None, counted)


OURS = Ours([cost(20, 290), cost(20, 200), cost(120, 40)], [cost(20, 250), cost(120, 50)])


def comparison() -> Comparison:
    rows = [
        Row("Janus streaming, WebRTC", 20, 50, 1_500, 1.0),
        Row("Janus streaming, WebRTC", 20, 150, 1_000, 1.0),
    ]
    return Comparison(OURS, rows, {"murmur": "it did not start"}, {"LiveKit": "nobody has it"})


def test_a_packet_is_sealed_as_mumbles_own_vectors_say() -> None:
    # Those of its tests, after the authors of OCB2: the key is the nonce, 00 01 02 and so on.
    key = bytes(range(16))
    sealer = Sealer(key, bytes(16))

    sealed, tag = sealer.ocb(bytes(range(40)), key)

    assert sealed.hex() == (
        "f75d6bc8b4dc8d66b836a2b08b32a6369f1cd3c5228d79fd6c267f5f6aa7b231c7dfb9d59951ae9c"
    )
    assert tag.hex() == "9db0cdf880f73e3e10d4eb3217766688"
    assert sealer.ocb(b"", key)[1].hex() == "bf3108130773ad5ec70ec69e7875a7b0"


def test_what_leaves_the_field_comes_back_by_its_polynomial() -> None:
    assert doubled(3) == 6
    assert doubled(1 << 127 | 1) == 0x87 ^ 2


def test_the_nonce_of_sealed_packets_counts_from_its_lowest_octet() -> None:
    sealer = Sealer(bytes(16), b"\xff" + bytes(15))

    first, second = sealer.seal(b"sound"), sealer.seal(b"sound")

    assert (first[0], second[0]) == (0, 1)
    assert first[1:] != second[1:]
    assert len(first) == 4 + len(b"sound")


def test_a_page_has_the_checksum_of_its_octets() -> None:
    page = ogg.sound(3, [b"abc", b"de"])

    assert page[:6] == b"OggS\0\0"
    ticks, serial, number, checksum = struct.unpack("<QIII", page[6:26])
    assert (ticks, serial, number) == (4 * 2 * 960, ogg.SERIAL, 5)
    assert page[26:] == bytes([2, 3, 2]) + b"abcde"
    assert ogg.checksum(page[:22] + bytes(4) + page[26:]) == checksum
    # The polynomial of RFC 3533 without reflection: one octet of 1 is the polynomial itself.
    assert ogg.checksum(b"\1") == 0x04C11DB7


def test_a_stream_begins_with_its_kind_and_comments() -> None:
    beginning = ogg.beginning()

    assert beginning[5] == ogg.BEGINS
    assert beginning.count(b"OggS") == 2
    assert b"OpusHead\x01\x01" in beginning
    assert b"OpusTags" in beginning


def test_all_servers_carry_the_same_packets() -> None:
    packet = sound.packet(7)

    assert len(packet) == sound.OCTETS == 80
    assert packet == sound.packet(57) != sound.packet(8)
    rtp = sound.as_rtp(65_537, 5)
    assert rtp[:4] == bytes([0x80, 111, 0, 1])
    assert rtp[12:] == sound.packet(65_537)


def test_sound_is_sent_at_its_interval_until_it_is_left() -> None:
    sent: list[int] = []

    def send(number: int) -> None:
        sent.append(number)
        if number == 2:
            raise OSError

    with sound.each(0, send):
        while len(sent) < 3:
            pass

    assert sent == [0, 1, 2]


def test_numbers_are_written_as_mumble_reads_them() -> None:
    assert murmur.varint(5) == b"\x05"
    assert murmur.varint(300) == b"\x81\x2c"
    assert murmur.varint(70_000) == b"\xc1\x11\x70"
    assert murmur.varint(1 << 21) == b"\xe0\x20\x00\x00"
    assert murmur.number_field(1, 300) == b"\x08\xac\x02"
    assert murmur.fields_of(b"\x0a\x02ab\x12\x01c") == {1: b"ab", 2: b"c"}


def test_a_program_is_looked_for_in_the_packages_and_then_in_the_system(tmp_path: Path) -> None:
    unpacked = Unpacked(tmp_path)
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin/janus").touch()
    (tmp_path / "usr/lib/x86_64-linux-gnu").mkdir(parents=True)

    assert unpacked.program("usr/bin/janus") == tmp_path / "usr/bin/janus"
    assert unpacked.program("usr/bin/env").is_absolute()
    assert unpacked.folder("usr") == tmp_path / "usr"
    assert unpacked.folder("etc") == Path("/etc")
    assert unpacked.environment()["LD_LIBRARY_PATH"].endswith("x86_64-linux-gnu")
    with pytest.raises(MeasuringError, match="there is no nothing-of-this-name"):
        unpacked.program("usr/bin/nothing-of-this-name")


def test_without_apt_the_packages_cannot_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "FOLDER", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(MeasuringError, match="apt-get is missing"):
        packages.unpacked()


def test_goals_are_multiples_of_the_cheapest_row_and_of_the_limit() -> None:
    goals = {says: came for says, _, came in comparison().goals()}

    # The limit loop: 50 packets of 2 us.
    assert OURS.limit_us() == 100
    assert goals["times Janus streaming, 20 ms"] == 5
    assert goals["times LiveKit (quoted), 5 talk, 20 ms"] == pytest.approx(30 * 100 / 250)
    assert goals["times LiveKit (quoted), 5 talk, 120 ms"] == pytest.approx(30 * 100 / 50)
    assert goals["times mediasoup (quoted), 20 ms"] == pytest.approx(2.4 * 100 / 200)


def test_the_table_names_what_could_not_be_measured() -> None:
    text = as_text(comparison(), "today")

    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len({row.count("|") for row in rows}) == 1
    assert "| Convivium, WebRTC, 5 talk | 120 ms | 1,000 | 50 | 20,000 | 0.5 | 99.0% |" in rows
    assert "- Not measured here: murmur: it did not start." in text
    assert "- Not measured here: LiveKit: nobody has it." in text
    assert "5.0 times Janus streaming, 20 ms; goal 8 !" in text


def test_a_table_raw_data_and_a_plot_are_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plot, "CHROMIUM", "/nowhere/chromium")

    text = write_down(comparison(), "today", tmp_path)

    assert (tmp_path / "peers.md").read_text() == text
    assert '"limit_us": 100.0' in (tmp_path / "peers.json").read_text()
    drawn = (tmp_path / "peers.svg").read_text()
    assert "Convivium, WebRTC, 1 talks, 120 ms" in drawn
    # The cheaper of Janus's two rows.
    assert ">1,000<" in drawn
