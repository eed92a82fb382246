from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench import plot
from bench.plot import HEIGHT, WIDTH, Curve, Plot, barred, leave, plotted, round_up

SVG = "{http://www.w3.org/2000/svg}"
LINEAR = Plot("A < B", "x", "y")


def elements(drawing: str, name: str) -> list[ET.Element]:
    return list(ET.fromstring(drawing).iter(f"{SVG}{name}"))  # noqa: S314 - our own text


@pytest.mark.parametrize("logarithmic", [False, True])
def test_every_point_lies_on_the_page_and_more_lies_higher(logarithmic: bool) -> None:  # noqa: FBT001
    axes = Plot("A < B", "x", "y", logarithmic=logarithmic)
    drawing = plotted(axes, [Curve("one", [(100, 10), (1000, 3000), (50000, 20)])])

    dots = [
        (float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in elements(drawing, "circle")
    ]
    assert len(dots) == 3
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in dots)
    assert dots[0][0] < dots[1][0] < dots[2][0]
    assert dots[1][1] < dots[2][1] < dots[0][1]


def test_on_a_logarithmic_axis_ten_times_as_much_is_always_as_far() -> None:
    axes = Plot("A", "x", "y", logarithmic=True)
    drawing = plotted(axes, [Curve("one", [(1, 2), (10, 20), (100, 200)])])

    low, middle, high = [float(dot.attrib["cy"]) for dot in elements(drawing, "circle")]
    assert low - middle == pytest.approx(middle - high, abs=0.2)


def test_time_begins_at_nothing_and_passes_evenly() -> None:
    axes = Plot("A", "minutes", "y", is_time=True)
    drawing = plotted(axes, [Curve("one", [(0, 5), (15, 7), (30, 6)])])

    places = elements(drawing, "polyline")[0].attrib["points"].split()
    first, middle, last = [float(place.split(",")[0]) for place in places]
    assert middle - first == pytest.approx(last - middle)
    assert {"0", "10", "30"} <= {text.text for text in elements(drawing, "text")}
    assert not elements(drawing, "circle")


def test_each_curve_is_named_and_words_stay_words() -> None:
    drawing = plotted(LINEAR, [Curve("one", [(1, 1)]), Curve("two", [(1, 0)])])

    words = [text.text for text in elements(drawing, "text")]
    assert {"A < B", "one", "two", "x", "y"} <= set(words)


def test_numbers_of_an_axis_do_not_cover_each_other() -> None:
    drawing = plotted(LINEAR, [Curve("one", [(100, 1), (6_000, 1), (6_500, 1), (50_000, 1)])])

    words = {text.text for text in elements(drawing, "text")}
    assert {"100", "6,000", "50,000"} <= words
    assert "6,500" not in words


def test_what_is_beside_a_curve_has_its_colour_and_is_dashed() -> None:
    curves = [Curve("one", [(1, 1)]), Curve("its limit", [(1, 2)], is_beside=True)]
    one, limit = elements(plotted(LINEAR, [*curves, Curve("two", [(1, 3)])]), "polyline")[:2]

    assert one.attrib["stroke"] == limit.attrib["stroke"]
    assert "stroke-dasharray" in limit.attrib
    assert "stroke-dasharray" not in one.attrib


def test_a_longer_bar_is_more_and_says_how_much() -> None:
    drawing = barred("Who", "listeners", [("ours", 12_000), ("another", 600)], "ours")

    _, longer, shorter = elements(drawing, "rect")
    assert float(longer.attrib["width"]) > float(shorter.attrib["width"]) > 0
    assert longer.attrib["fill"] != shorter.attrib["fill"]
    assert {"12,000", "600", "another"} <= {text.text for text in elements(drawing, "text")}


def test_a_plot_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one point"):
        plotted(LINEAR, [])
    with pytest.raises(ValueError, match="at least one bar"):
        barred("nothing", "x", [], "")


def test_an_axis_has_round_numbers() -> None:
    assert [round_up(value) for value in (0, 0.3, 1, 3, 61, 137)] == [1, 0.5, 1, 5, 100, 200]


def test_without_a_chromium_there_is_still_the_drawing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(plot, "CHROMIUM", "/nowhere/chromium")

    leave(tmp_path / "one", barred("Who", "x", [("a", 1)], "a"))

    assert (tmp_path / "one.svg").exists()
    assert "no picture of one.svg" in capsys.readouterr().out
