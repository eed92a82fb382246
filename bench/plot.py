"""Plots as SVG and PNG: a few lines and bars need no library; Chromium makes pictures of them."""

import math
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 50, 60
COLOURS = ("#b4451f", "#1f6fb4", "#3c8a3c", "#7a4fa3")
STEPS = 5
BAR, BARS_LEFT = 26, 290
LABEL = 40
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PICTURE_LIMIT_S = 30.0


@dataclass(frozen=True)
class Plot:
    """What a plot is called and what its axes mean.

    logarithmic: y is, as x; else it begins at 0. is_time: x is no logarithm and begins at 0, too,
    and points lie so close that they need no dots.
    """

    title: str
    x_name: str
    y_name: str
    logarithmic: bool = False
    is_time: bool = False


@dataclass(frozen=True)
class Curve:
    """Points of one line, from left to right, x above 0 unless it is time.

    is_beside: drawn in the colour of the curve before, dashed: what that is compared with.
    """

    name: str
    points: Sequence[tuple[float, float]]
    is_beside: bool = False


def leave(path: Path, drawing: str) -> None:
    """Write a drawing as SVG and, where there is a Chromium, as PNG; the path lacks the suffix."""
    svg = path.with_suffix(".svg")
    svg.write_text(drawing, encoding="utf-8")
    width, height = drawing.split('viewBox="0 0 ', 1)[1].split('"', 1)[0].split(" ")
    with tempfile.TemporaryDirectory(prefix="convivium-plot-") as profile:
        command = [
            *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            *("--force-device-scale-factor=2", f"--window-size={width},{height}"),
            *(f"--user-data-dir={profile}", f"--screenshot={path.with_suffix('.png')}"),
            svg.resolve().as_uri(),
        ]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=PICTURE_LIMIT_S)
        except (OSError, subprocess.SubprocessError) as error:
            print(f"    no picture of {svg.name}: {error}")


def plotted(plot: Plot, curves: Sequence[Curve]) -> str:
    """Draw curves. Raises ValueError without points."""
    xs = sorted({x for curve in curves for x, _ in curve.points})
    if not xs:
        raise ValueError("a plot needs at least one point")
    scale = _scale(plot, xs, [y for curve in curves for _, y in curve.points])
    parts = [_text(LEFT, 24, plot.title, "start", size=16), *_axes(scale, xs, plot)]
    colour = -1
    for number, curve in enumerate(curves):
        colour += not curve.is_beside
        stroke = COLOURS[max(0, colour) % len(COLOURS)]
        parts += _curve(scale, curve, stroke, number, has_dots=not plot.is_time)
    return _page(HEIGHT, parts)


def barred(title: str, x_name: str, bars: Sequence[tuple[str, float]], ours: str) -> str:
    """Draw bars on a logarithmic axis, values above 0, each with its number. Raises ValueError.

    ours: with what the names of those begin that have a colour of their own.
    """
    if not bars:
        raise ValueError("a plot needs at least one bar")
    least, most = _decades([value for _, value in bars])
    room = WIDTH - BARS_LEFT - 80
    parts = [_text(16, 24, title, "start", size=16)]
    for number, (name, value) in enumerate(bars):
        y = TOP + number * BAR
        width = room * math.log(value / least) / math.log(most / least)
        parts.append(
            f'<rect x="{BARS_LEFT}" y="{y}" width="{width:.1f}" height="{BAR - 8}"'
            f' fill="{COLOURS[0 if name.startswith(ours) else 1]}"/>'
        )
        parts.append(_text(BARS_LEFT - 8, y + 14, name, "end"))
        parts.append(_text(BARS_LEFT + width + 6, y + 14, f"{value:,.0f}", "start"))
    height = TOP + len(bars) * BAR + 40
    parts.append(_text(BARS_LEFT, height - 16, f"{x_name} (logarithmic)", "start"))
    return _page(height, parts)


def round_up(value: float) -> float:
    """Give the next of 1, 2, 5, 10, 20 and so on; of 0 and less, 1."""
    if value <= 0:
        return 1.0
    magnitude = 10.0 ** math.floor(math.log10(value))
    return next(step * magnitude for step in (1.0, 2.0, 5.0, 10.0) if step * magnitude >= value)


@dataclass(frozen=True)
class _Scale:
    """Where values lie on the page; least and y_least are 0 on linear axes."""

    least: float
    most: float
    y_least: float
    y_most: float

    def x(self, value: float) -> float:
        if self.least:
            share = math.log(value / self.least) / (math.log(self.most / self.least) or 1.0)
        else:
            share = value / self.most
        return LEFT + (WIDTH - LEFT - RIGHT) * share

    def y(self, value: float) -> float:
        if self.y_least:
            share = math.log(value / self.y_least) / math.log(self.y_most / self.y_least)
        else:
            share = value / self.y_most
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share

    def steps(self) -> list[float]:
        if not self.y_least:
            return [self.y_most * step / STEPS for step in range(STEPS + 1)]
        steps = [self.y_least]
        while steps[-1] < self.y_most:
            steps.append(round_up(steps[-1] * 1.5))
        return steps


def _scale(plot: Plot, xs: Sequence[float], ys: Sequence[float]) -> _Scale:
    if plot.is_time:
        return _Scale(0, xs[-1] or 1, 0, STEPS * round_up(max(ys) / STEPS))
    if plot.logarithmic:
        return _Scale(xs[0], xs[-1], *_decades(ys))
    return _Scale(xs[0], xs[-1], 0, STEPS * round_up(max(ys) / STEPS))


def _decades(values: Sequence[float]) -> tuple[float, float]:
    """Give a power of ten below all values, and a round number that none exceeds."""
    least = 10.0 ** math.floor(math.log10(min(values)))
    return least, max(round_up(max(values)), 10 * least)


def _axes(scale: _Scale, xs: Sequence[float], plot: Plot) -> list[str]:
    floor = HEIGHT - BOTTOM
    parts, free_from = [], 0.0
    for value in _ticks(scale) if plot.is_time else xs:
        x = scale.x(value)
        if x >= free_from:
            parts.append(_text(x, floor + 20, f"{value:,g}", size=10))
            free_from = x + LABEL
    for value in scale.steps():
        y = scale.y(value)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(_text(LEFT - 8, y + 4, f"{value:,g}", "end"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 16, plot.x_name))
    parts.append(_text(LEFT - 8, TOP - 10, plot.y_name, "start"))
    return parts


def _ticks(scale: _Scale) -> list[float]:
    """Give about five round numbers from 0 on."""
    step = round_up(scale.most / (2 * STEPS))
    return [number * step for number in range(int(scale.most / step) + 1)]


def _curve(scale: _Scale, curve: Curve, colour: str, number: int, *, has_dots: bool) -> list[str]:
    places = [(scale.x(x), scale.y(y)) for x, y in curve.points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dash = ' stroke-dasharray="5 4"' if curve.is_beside else ""
    dots = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>'
        for x, y in (places if has_dots else ())
    ]
    y = TOP + 14 + 20 * number
    key = f'<path d="M{WIDTH - RIGHT + 10} {y - 4}h20" stroke="{colour}"{dash}/>'
    name = _text(WIDTH - RIGHT + 36, y, curve.name, "start", size=11, colour=colour)
    path = f'<polyline points="{line}" fill="none" stroke="{colour}"{dash}/>'
    return [path, *dots, key, name]


def _page(height: int, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}">'
    return "\n".join(
        [head, f'<rect width="{WIDTH}" height="{height}" fill="white"/>', *parts, "</svg>", ""]
    )


def _text(
    x: float, y: float, text: str, anchor: str = "middle", *, size: int = 12, colour: str = "#333"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-family="sans-serif"'
        f' font-size="{size}" fill="{colour}">{escape(text)}</text>'
    )
