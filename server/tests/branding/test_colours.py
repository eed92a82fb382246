"""Six colours become those of the whole app, and what could not be read is refused."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from convivium.branding.rules import (
    CLOTHS,
    COLOURS,
    EDGED,
    FILLS,
    OURS,
    OWN,
    TEXTS,
    THEMES,
    Colour,
    Pair,
    blend,
    contrast,
    faults_of,
    style_of,
    tokens_of,
    towards_readable,
)

UI = Path(__file__).parents[3] / "web" / "src" / "ui"
CHOSEN: Mapping[str, dict[Colour, Pair]] = {
    "a blue lamp": {"lamp": ("#1f5fbf", "#8ab8ff")},
    "a dark lamp": {"lamp": ("#123456", "#123456")},
    "a pale lamp": {"lamp": ("#fff3c0", "#fff3c0")},
    "cold grounds": {
        "ground": ("#eef1f5", "#0f1115"),
        "paper": ("#ffffff", "#181b21"),
        "ink": ("#14181f", "#eef1f5"),
    },
    "other people": {"host": ("#5b2a86", "#c9a4f0"), "live": ("#a3123c", "#ff8fa8")},
}


def pairs_in(sheet: str) -> dict[str, Pair]:
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", sheet)
    return {name: (light, dark) for name, light, dark in found}


def test_ours_are_those_of_the_app() -> None:
    """What is checked here is what browsers are given: the app's own sheet says the same."""
    sheet = (UI / "tokens.css").read_text().partition("@media (prefers-contrast: more)")[0]
    root, *cloths = sheet.partition(".cloth-river")
    tokens = pairs_in(root)

    assert {name: tokens[name] for name in OURS} == OURS
    for block in re.findall(r"\.cloth-(\w+) \{([^}]*)\}", "".join(cloths)):
        there = pairs_in(block[1])
        for end in ("top", "bottom"):
            assert there[f"cloth-{end}"] == CLOTHS[f"{block[0]}-{end}"]
    assert len(CLOTHS) == 12
    for name, (over, under, part) in FILLS.items():
        mix = f"--{name}: color-mix(in srgb, var(--{over}) {part:.0%}, var(--{under}));"
        assert mix in sheet


def test_what_is_asked_of_ours_is_asked_of_others() -> None:
    """The same words on the same grounds as the app's own test has them."""
    source = (UI / "contrast.test.ts").read_text()
    for table in (TEXTS, EDGED):
        for text, grounds in table.items():
            [line] = [one for one in source.splitlines() if one.startswith(f'  ["{text}", ')][
                (table is EDGED and text == "live-fill") - 1 :
            ][:1]
            named = set(re.findall(r'"([\w-]+)"', line)) - {text}
            expanded = named | set(TEXTS["muted"]) if "GROUNDS" in line else named
            assert {one for one in grounds if one not in CLOTHS} == expanded, text


def test_ours_can_be_read() -> None:
    """Nothing is another, and nothing is wrong, while nothing was chosen."""
    assert tokens_of({}) == {}
    assert faults_of({}) == []
    assert style_of({}) == ""


@pytest.mark.parametrize("chosen", CHOSEN.values(), ids=CHOSEN)
def test_what_follows_from_a_colour_can_be_read(chosen: dict[Colour, Pair]) -> None:
    """Words on the lamp, links of its colour, edges: all are made so that they can be seen."""
    assert faults_of(chosen) == []


@pytest.mark.parametrize(
    ("chosen", "whose"),
    [
        ({"ink": ("#8a8a8a", "#f5f0e7")}, ("ink", "light")),
        ({"ground": ("#777777", "#12100d")}, ("ground", "light")),
        ({"host": ("#6fd3c4", "#6fd3c4")}, ("host", "light")),
        ({"live": ("#b92b12", "#b92b12")}, ("live", "dark")),
    ],
)
def test_what_cannot_be_read_is_named(chosen: dict[Colour, Pair], whose: tuple[str, str]) -> None:
    """Which of the six it is, and in which theme; the other theme is not blamed."""
    faults = faults_of(chosen)

    assert whose in [(fault.colour, fault.theme) for fault in faults]
    assert {fault.theme for fault in faults} == {whose[1]}


@pytest.mark.parametrize(
    ("colour", "pair"),
    [
        ("host", ("#6fd3c4", "#6fd3c4")),
        ("live", ("#ff7d5e", "#ff7d5e")),
        ("live", ("#ffff00", "#ffff00")),
        ("ink", ("#8a8a8a", "#f5f0e7")),
    ],
)
def test_a_better_one_is_better(colour: Colour, pair: Pair) -> None:
    """Whoever takes the colour that is offered is refused no more."""
    [fault] = faults_of({colour: pair})
    assert (fault.colour, fault.theme) == (colour, "light")
    assert fault.better is not None

    assert faults_of({colour: (fault.better, pair[1])}) == []


def test_a_better_one_is_the_nearest() -> None:
    """As little is changed as can be, and nothing where it can be read already."""
    assert towards_readable("#00615b", ["#ffffff"], 4.5) == "#00615b"
    nearest = towards_readable("#6fd3c4", ["#ffffff"], 4.5)
    assert nearest is not None
    assert 4.5 <= contrast(nearest, "#ffffff") < 4.9
    assert towards_readable("#808080", ["#000000", "#ffffff"], 21) is None


def test_the_sheet_has_figures_alone() -> None:
    """Nothing of it could end an element, and whoever asks for more contrast keeps ours."""
    every: dict[Colour, Pair] = {name: OURS[OWN[name]] for name in COLOURS}
    sheet = style_of(every)

    assert re.fullmatch(
        r"@media not \(prefers-contrast: more\)\{:root\{"
        r"(--[a-z-]+:light-dark\(#[0-9a-f]{6},#[0-9a-f]{6}\);)+\}\}",
        sheet,
    )


def test_contrast_is_that_of_the_standard() -> None:
    """Black on white is 21 to 1, and nothing is less than 1 to 1."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1
    assert blend("#000000", "#ffffff", 0.5) == "#808080"
    assert len(THEMES) == 2
