"""The commands: what they print, what they leave, and how they fail."""

import asyncio
import json
import os
import re
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from convivium import cli
from convivium.core import migrate
from convivium.core.databases.sqlite import Sqlite
from convivium.core.folder import own_folder
from tests.conftest import memory_folder
from tests.databases import InFile
from tests.delivery.postbox import postbox


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Run a command as a shell would; gives its exit code."""
    monkeypatch.setattr("sys.argv", ["convivium", *words])
    try:
        cli.main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture
def data(data_folder: Path) -> str:
    return str(data_folder / "data")


def test_a_user_and_a_token(
    data: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Accounts and tokens are made on a new folder, and told as JSON to scripts."""
    assert (
        run(monkeypatch, "user", "create", "ama", "--role", "admin", "--json", "--data", data) == 0
    )
    me = json.loads(capsys.readouterr().out)
    assert (me["name"], me["role"]) == ("ama", "admin")

    words = ("token", "create", "ama", "--scope", "read", "--scope", "host", "--json")
    assert run(monkeypatch, *words, "--data", data) == 0
    assert json.loads(capsys.readouterr().out)["token"].startswith("cvv_pat_")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("user", "create", "No!"), 2),
        (("user", "create", "ama", "--role", "queen"), 2),
        (("token", "create", "nobody", "--scope", "read"), 1),
        (("token", "create", "nobody", "--scope", "everything"), 2),
        (("token", "create", "nobody"), 2),
        (("serve", "--port", "70000"), 2),
        (("serve", "--udp-advertise", "nowhere"), 2),
        (("dance",), 2),
    ],
)
def test_failures_have_a_code_and_a_sentence(
    data: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: int,
) -> None:
    """2 for wrong usage and settings, 1 for anything else, and words about it."""
    assert run(monkeypatch, *words, *(() if words == ("dance",) else ("--data", data))) == code
    told = capsys.readouterr()
    assert told.err
    assert "Traceback" not in told.err


def test_a_name_is_taken(
    data: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second user of the same name is refused in the words of the API."""
    assert run(monkeypatch, "user", "create", "ama", "--data", data) == 0
    assert run(monkeypatch, "user", "create", "ama", "--data", data) == 1
    assert "Choose another" in capsys.readouterr().err


def test_the_demo_comes_and_goes(
    data: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Filling twice is the same as once; removing takes all of it away."""
    for words in (("demo",), ("demo",), ("demo", "remove"), ("demo", "remove")):
        assert run(monkeypatch, *words, "--data", data) == 0

    ready, *shown = capsys.readouterr().out.splitlines()
    spaces, how, links, others = shown[:5], shown[5], shown[6:8], shown[8:]
    assert ready == "The demo is ready."
    assert [line.rpartition("(")[2] for line in spaces] == [*["live)"] * 3, "ended)", "scheduled)"]
    assert how.startswith("To see how one hosts, sign in and open one of these ")
    assert all(re.fullmatch(r"  /spaces/\S+#invitation=\S+", link) for link in links)
    assert others == [
        "The demo was there already.",
        *spaces,
        "18 people of the demo are gone.",
        "0 people of the demo are gone.",
    ]


def test_settings_are_shown(
    data: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every setting in effect is listed with its value."""
    monkeypatch.setenv("CONVIVIUM_MAX_SPEAKERS", "4")

    assert run(monkeypatch, "config", "show", "--data", data) == 0

    shown = capsys.readouterr().out.splitlines()
    assert "max_speakers = 4" in shown
    assert "udp_port = 7882" in shown


def test_an_administrators_link(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The link leads to the sign-in page and keeps its secret behind the #."""
    with memory_folder() as data:
        assert run(monkeypatch, "admin", "invite", "--data", data) == 0

    assert capsys.readouterr().out.startswith("http://127.0.0.1:8080/sign-in#invite=")


@pytest.fixture
def older(data: str, empty_file: InFile) -> Path:
    """A folder as a version before this one left it."""
    path = Path(data) / "convivium.sqlite3"
    path.parent.mkdir()
    shutil.copy(empty_file.path, path)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE alembic_version SET version_num = '0001'")
    database.close()
    return path


@pytest.mark.parametrize(
    "words",
    [
        ("user", "create", "ama"),
        ("token", "create", "ama", "--scope", "read"),
        ("admin", "invite"),
        ("demo",),
        ("demo", "remove"),
    ],
)
def test_nothing_is_migrated_under_a_server(
    data: str,
    older: Path,
    words: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A server of an older version keeps its schema; the newer command says to stop it first."""
    monkeypatch.setattr(migrate, "COMMAND_WAIT_S", 0.1)
    with own_folder(Path(data)):
        assert run(monkeypatch, *words, "--data", data) == 1

    told = capsys.readouterr().err
    assert f"Another server (process {os.getpid()}) is using the folder" in told
    assert asyncio.run(Sqlite(older).version()) == "0001"


def test_commands_that_make_a_folder_wait_for_one_another(
    data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes while a folder is being made finds it made."""
    held, made = threading.Event(), threading.Event()

    def make() -> None:
        with own_folder(Path(data)):
            held.set()
            made.wait(5)
            asyncio.run(migrate.bring_up_to_date(Sqlite(Path(data) / "convivium.sqlite3")))

    def say_so_and_wait(_seconds: float) -> None:
        made.set()
        maker.join()

    maker = threading.Thread(target=make)
    maker.start()
    held.wait()
    monkeypatch.setattr("convivium.core.folder.time.sleep", say_so_and_wait)

    assert run(monkeypatch, "user", "create", "ama", "--data", data) == 0
    assert made.is_set()


def test_trying_the_mail_server(
    data: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what came of it: taken, not there, not set, no address."""
    words = ("mail", "test", "ama@example.org", "--data", data)
    assert run(monkeypatch, *words) == 1
    assert "Set smtp_host, mail_from and public_url first." in capsys.readouterr().err
    monkeypatch.setenv("CONVIVIUM_MAIL_FROM", "hello@table.example")
    monkeypatch.setenv("CONVIVIUM_PUBLIC_URL", "https://table.example")
    monkeypatch.setenv("CONVIVIUM_SMTP_TLS", "none")
    with postbox() as box:
        monkeypatch.setenv("CONVIVIUM_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("CONVIVIUM_SMTP_PORT", str(box.port))
        assert run(monkeypatch, *words) == 0
        assert run(monkeypatch, "mail", "test", "nobody", "--data", data) == 2
        box.answers = ["550 Not here"]
        assert run(monkeypatch, *words) == 1
    assert run(monkeypatch, *words) == 1
    [letter] = box.came
    assert letter["Subject"] == "Mail works"
    assert "https://table.example" in letter.as_string()
    assert "has not taken the letter" in capsys.readouterr().err
