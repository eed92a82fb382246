"""The commands: what they print, what they leave, and how they fail."""

import json
from pathlib import Path

import pytest

from convivium import cli
from tests.conftest import memory_folder


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

    assert capsys.readouterr().out.splitlines() == [
        "The demo is ready.",
        "The demo was there already.",
        "4 people of the demo are gone.",
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
