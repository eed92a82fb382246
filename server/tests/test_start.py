"""What an operator is told when a server, or a command, cannot start; and that nothing is left."""

import resource
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CONVIVIUM = str(Path(sys.executable).with_name("convivium"))
START_S = 60.0


def start(data: Path, *words: str, room: int | None = None) -> tuple[int, str]:
    """Run a command that must fail, and give its exit code and its one sentence.

    room: the most bytes that it can write into a file, as on a disk that is nearly full.
    """

    def leave_little_room() -> None:
        if room is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    ended = subprocess.run(  # noqa: S603 - our own command
        [CONVIVIUM, *words, "--data", data],
        capture_output=True,
        text=True,
        timeout=START_S,
        check=False,
        preexec_fn=leave_little_room,
    )
    [sentence] = ended.stderr.splitlines()
    assert sentence.startswith("convivium: ")
    assert ended.stdout == ""
    return ended.returncode, sentence


def serve(data: Path, *words: str, room: int | None = None) -> str:
    """Start a server that must refuse with code 1, and give its words."""
    code, sentence = start(data, "serve", "--port=0", "--udp-port=0", *words, room=room)
    assert code == 1
    return sentence


def nothing_is_left(data: Path) -> bool:
    """Tell whether no process is named as having this folder, and whether it starts now."""
    return (data / "convivium.pid").read_text() == "" and starts(data)


def starts(data: Path) -> bool:
    """Start a server as it should be, and end it when it says where it is."""
    words = [CONVIVIUM, "serve", "--port=0", "--udp-port=0", f"--data={data}"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        process.wait(START_S)
    return line.startswith("Convivium http://")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """Where nobody may write, not even root, one is told so and what to do."""
    words = serve(Path("/proc/convivium"))

    assert "/proc/convivium cannot be used" in words
    assert "--data" in words
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("below", ["", "data"])
def test_a_file_in_the_place_of_the_folder(tmp_path: Path, below: str) -> None:
    """A file is left as it is, and named."""
    file = tmp_path / "file"
    file.write_text("mine")

    words = serve(file / below)

    assert f"{file / below} cannot be used" in words
    assert "a file where a folder should be" in words
    assert file.read_text() == "mine"


def of_another_kind(path: Path) -> None:
    path.write_bytes(b"this was never a database" * 1000)


def with_holes(path: Path) -> None:
    """Keep the beginning, by which it is known, and lose what it points to."""
    assert starts(path.parent)
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + bytes([255]) * (len(whole) - 8192))


def without_its_tables(path: Path) -> None:
    """Keep the version and nothing else."""
    assert starts(path.parent)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA foreign_keys=OFF")
        database.execute("DROP TABLE seat")
    database.close()


@pytest.mark.parametrize("damage", [of_another_kind, with_holes, without_its_tables])
def test_a_damaged_database(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    """It is named, not touched, and the folder is given free."""
    path = tmp_path / "convivium.sqlite3"
    damage(path)
    damaged = path.read_bytes()

    words = serve(tmp_path)

    assert f"{path} is damaged" in words
    assert "Put back a copy" in words
    assert path.read_bytes() == damaged
    assert (tmp_path / "convivium.pid").read_text() == ""


@pytest.mark.parametrize("room", [0, 1024, 65536])
def test_a_full_disk(tmp_path: Path, room: int) -> None:
    """However far the start gets, it says what is missing, and goes on when there is room."""
    words = serve(tmp_path, room=room)

    assert "make room" in words.lower()
    assert nothing_is_left(tmp_path)


def test_a_taken_udp_port(tmp_path: Path) -> None:
    """Whoever starts a server on a UDP port that is taken is told which, and what to do."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("0.0.0.0", 0))  # noqa: S104 - as the engine binds
        port = taken.getsockname()[1]

        words = serve(tmp_path, f"--udp-port={port}")

    assert f"UDP port {port} is taken" in words
    assert "--udp-port" in words
    assert nothing_is_left(tmp_path)


def test_a_taken_port(tmp_path: Path) -> None:
    """The same for the page's port, with nothing left of the attempt."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        words = serve(tmp_path, f"--port={port}")

    assert f"127.0.0.1:{port} cannot be used" in words
    assert nothing_is_left(tmp_path)


def test_commands_say_the_same(tmp_path: Path) -> None:
    """A command beside a server fails in the same words."""
    of_another_kind(tmp_path / "convivium.sqlite3")

    code, words = start(tmp_path, "user", "create", "ama")

    assert code == 1
    assert "is damaged" in words


def test_the_demo_knows_every_table_by_itself() -> None:
    """A command imports less than the server does: what its rows refer to has to be there too."""
    asked = (
        "import convivium.demo.service; from convivium.core.database import Base;"
        "[key.column for table in Base.metadata.tables.values() for key in table.foreign_keys]"
    )
    subprocess.run([sys.executable, "-c", asked], check=True, timeout=60)  # noqa: S603 - ours
