"""How a run is told: a table for the terminal, JSON for programs, a page for docs/."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.catalogue import CATALOGUE, Reading
from bench.samples import significant

HEAD = ("figure", "value", "unit", "goal", "beside")
RIGHT = {1, 3}


@dataclass(frozen=True)
class Run:
    """One run: what was measured, what could not be and why, on which machine and day, how long."""

    readings: Sequence[Reading]
    missing: Mapping[str, str]
    machine: str
    date: str
    length: str

    def title(self) -> str:
        """Say where and when."""
        return f"{self.date}, {self.length} run, {self.machine}"


def as_table(run: Run) -> str:
    """Lay the readings out for a terminal, with a sentence for each thing that went wrong."""
    rows = [HEAD, *map(_row, run.readings)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [_line(row, widths) for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    missing = [f"Not measured: {name}: {why}" for name, why in run.missing.items()]
    return "\n".join([run.title(), "", *lines, *missing])


def as_json(readings: Sequence[Reading]) -> str:
    """Write figure -> {"value", "unit", "beside"}."""
    figures = {
        reading.figure: {
            "value": significant(reading.value),
            "unit": CATALOGUE[reading.figure].unit,
            "beside": reading.beside,
        }
        for reading in readings
    }
    return json.dumps(figures, indent=2) + "\n"


def as_page(run: Run) -> str:
    """Write the page for docs/: the table with what each figure says."""
    rows = [
        f"| `{reading.figure}` | {CATALOGUE[reading.figure].says} | {value} {unit} | {goal} |"
        f" {beside} |"
        for reading in run.readings
        for _, value, unit, goal, beside in [_row(reading)]
    ]
    return "\n".join(
        [
            "# Figures",
            "",
            "Written by `make bench PAGE=docs/bench.md`; do not edit.",
            f"{run.title()}.",
            "Compare ratios of one run, not numbers of different days:",
            "on a shared machine the same program varies by half.",
            "",
            "| figure | what it says | value | goal | beside |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _row(reading: Reading) -> tuple[str, ...]:
    figure = CATALOGUE[reading.figure]
    sign = ">=" if figure.at_least else "<="
    goal = "" if figure.goal is None else f"{sign} {figure.goal:g}"
    missed = "" if reading.meets_its_goal() else " !"
    value = f"{significant(reading.value):g}"
    return reading.figure, value, figure.unit, goal + missed, reading.beside


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (
        cell.rjust(width) if column in RIGHT else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join(cells).rstrip()
