"""Passwords that others guess first are refused; those that only look like them are not."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from convivium.accounts.common_passwords import LIST, is_common
from convivium.accounts.service import PASSWORD_MAX, PASSWORD_MIN
from tests.conftest import Browser, SignUp
from tests.test_cli import run

OWN = ("ama_k", "Chidi Okafor", "table.example.org")


def test_the_list_is_of_passwords_one_could_take() -> None:
    """Each once, small, in order, as long as ours are; about a thousand."""
    listed = LIST.read_text(encoding="utf-8").splitlines()

    assert listed == sorted(set(listed))
    assert all(PASSWORD_MIN <= len(each) <= PASSWORD_MAX for each in listed)
    assert all(each == each.casefold() for each in listed)
    assert 1000 <= len(listed) <= 1500


@pytest.mark.parametrize(
    "password",
    [
        "password123",
        "PassWord123",
        "Password2026!",
        "P@ssw0rd#99",
        "!!password!!",
        "$unshine77",
        "l3tm31n2024",
        "passwordpassword",
        "liverpool1892",
        "correcthorsebatterystaple",
        "qwertyuiop",
        "poiuytrewq",
        "1qaz2wsx3edc",
        "0987654321",
        "abcdefghij",
        "1111111111",
        "1212121212",
        "xyzxyzxyzxyz",
        "aaabbbcccaaa",
        "ama_k12345",
        "Okafor9999",
        "chidiokafor",
        "Chidi Okafor!",
        "example2026",
    ],
)
def test_what_others_guess_is_refused(password: str) -> None:
    """As it stands in the list, in capitals, with digits, in digits; rows of keys, own names."""
    assert is_common(password, OWN)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse",
        "password horse battery",
        "passwords are hard",
        "my liverpool 1892 scarf",
        "okaforester",
        "chidi likes bread",
        "examples 2026",
        "qwertyuixp",
        "1492 18 1066 77",
        "abcdefghix",
        "7391846250",
        "tr0ub4dor&3x9",
        "Ünterwäsche!",
        "длинный стол",
        "長いテーブルで皆が話す夜",
    ],
)
def test_a_near_miss_is_not(password: str) -> None:
    """A word among others, a row with a break, digits that mean something to somebody."""
    assert not is_common(password, OWN)


def test_without_names_nobody_has_one() -> None:
    """An empty name, or one too short to say anything, makes nothing common."""
    assert not is_common("ab 4711 0815 x", ["", "ab", "x"])


async def test_nobody_signs_up_with_one(visitor: Callable[[], Browser]) -> None:
    """Neither with the list's, nor with one's own name; a sentence says what to do."""
    for password in ("password123", "amaokafor1", "convivium99"):
        body = {"name": "ama", "display_name": "Ama Okafor", "password": password}
        answer = await visitor().ask("POST", "/accounts", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "common_password")
        assert "three or four words" in answer.json()["detail"]


async def test_nobody_changes_theirs_to_one(sign_up: SignUp) -> None:
    """The old one stays."""
    ama = await sign_up("ama")
    for new in ("password123", "Ama1234567", "convivium2026"):
        body = {"old": "correct horse", "new": new}
        assert await ama.refused("PUT", "/me/password", body) == (422, "common_password")

    await ama.do("PUT", "/me/password", {"old": "correct horse", "new": "long river stones"})


def test_the_operator_makes_none_with_one(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command says the same sentence, and makes no account."""
    words = ("user", "create", "ama", "--password-stdin", "--data", str(data_folder / "data"))
    monkeypatch.setattr("sys.stdin", io.StringIO("Ama1234567\n"))

    assert run(monkeypatch, *words) == 2

    assert "Choose one that others do not" in capsys.readouterr().err
