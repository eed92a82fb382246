"""The operator's page says what the code does."""

from convivium.core.config import Settings

from write_settings import END, START, rows, shown, with_table


def test_every_setting_has_a_line_with_its_variable() -> None:
    table = "".join(rows())

    assert all(f"`CONVIVIUM_{name.upper()}`" in table for name in Settings.model_fields)


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    page = f"before\n{START}old\n{END}\nafter"

    assert with_table(page, "new\n") == f"before\n{START}new\n{END}\nafter"


def test_defaults_are_shown_as_one_would_write_them() -> None:
    assert [shown(True), shown(()), shown(("a", "b")), shown(30.0)] == [
        "`true`",
        "none",
        "`a,b`",
        "`30.0`",
    ]
