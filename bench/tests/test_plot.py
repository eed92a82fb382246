from xml.etree import ElementTree as ET

import pytest

from bench.plot import HEIGHT, WIDTH, Curve, plotted, round_up

SVG = "{http://www.w3.org/2000/svg}"


def test_every_point_lies_on_the_page_and_more_lies_higher() -> None:
    plot = plotted("A < B", "x", "y", [Curve("one", [(100, 10), (1000, 30), (50000, 20)])])

    dots = [
        (float(dot.attrib["cx"]), float(dot.attrib["cy"]))
        for dot in ET.fromstring(plot).iter(f"{SVG}circle")  # noqa: S314 - our own text
    ]
    assert len(dots) == 3
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in dots)
    assert dots[0][0] < dots[1][0] < dots[2][0]
    assert dots[1][1] < dots[2][1] < dots[0][1]


def test_each_curve_is_named_and_words_stay_words() -> None:
    plot = plotted("A < B", "x", "y", [Curve("one", [(1, 1)]), Curve("two", [(1, 0)])])

    words = [text.text for text in ET.fromstring(plot).iter(f"{SVG}text")]  # noqa: S314 - ours
    assert {"A < B", "one", "two", "x", "y"} <= set(words)


def test_a_plot_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one point"):
        plotted("nothing", "x", "y", [])


def test_an_axis_has_round_numbers() -> None:
    assert [round_up(value) for value in (0, 0.3, 1, 3, 61, 137)] == [1, 0.5, 1, 5, 100, 200]
