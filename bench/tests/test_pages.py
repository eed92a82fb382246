"""Lighthouse's reports become figures."""

import json

import pytest

from bench.catalogue import CATALOGUE
from bench.figures.pages import CATEGORIES, readings_of, scores_of
from bench.server import MeasuringError


def report(performance: float, accessibility: float, machine: float = 1500) -> str:
    return json.dumps(
        {
            "environment": {"benchmarkIndex": machine},
            "categories": {
                "performance": {"score": performance},
                "accessibility": {"score": accessibility},
            },
        }
    )


def test_the_middle_look_counts_and_the_worst_stands_beside_it() -> None:
    looks = ((0.91, 261.5), (0.97, 900), (0.99, 1500))
    scores = [scores_of(report(score, 1, machine)) for score, machine in looks]

    performance, accessibility = readings_of("front", scores)

    assert (performance.value, performance.beside) == (97, "3 looks, worst 91, machine 262")
    assert performance.meets_its_goal()
    assert accessibility.value == 100


@pytest.mark.parametrize("page", ["front", "door"])
def test_every_page_has_its_goals(page: str) -> None:
    for category in CATEGORIES:
        assert CATALOGUE[f"lighthouse_{page}_{category}"].at_least


@pytest.mark.parametrize("said", ["", "<html>", '{"runtimeError": {"message": "NO_FCP"}}'])
def test_what_is_no_report_is_no_figure(said: str) -> None:
    with pytest.raises(MeasuringError):
        scores_of(said)
