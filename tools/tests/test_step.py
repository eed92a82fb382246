"""A step is one line; what its command printed comes with a failure, or on request."""

import pytest

from step import main


def test_a_good_step_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["Say hello", "echo", "hello"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("  Say hello ... 0.")


def test_a_failed_step_shows_what_its_command_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["Break", "sh", "-c", "echo why; exit 3"]) == 3

    assert "FAILED" in capsys.readouterr().out.splitlines()[0]


def test_a_good_step_tells_the_lines_that_were_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--tell", "files", "Count", "printf", "12 files\\nnoise\\n"]) == 0

    assert capsys.readouterr().out.splitlines()[1:] == ["    12 files"]
