"""Plots as SVG, of our own making: a few lines on a logarithmic axis need no library."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 50, 60
COLOURS = ("#b4451f", "#1f6fb4", "#3c8a3c")
STEPS = 5


@dataclass(frozen=True)
class Curve:
    """Points of one line, from left to right, x above 0."""

    name: str
    points: Sequence[tuple[float, float]]


def plotted(title: str, x_name: str, y_name: str, curves: Sequence[Curve]) -> str:
    """Draw curves over a logarithmic x axis, y from 0. Raises ValueError without points."""
    xs = sorted({x for curve in curves for x, _ in curve.points})
    if not xs:
        raise ValueError("a plot needs at least one point")
    highest = max(y for curve in curves for _, y in curve.points)
    scale = _Scale(xs[0], xs[-1], STEPS * round_up(highest / STEPS))
    parts = [_text(LEFT, 24, title, "start", size=16), *_axes(scale, xs, x_name, y_name)]
    for number, curve in enumerate(curves):
        parts += _curve(scale, curve, COLOURS[number % len(COLOURS)], number)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
    style = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
    return "\n".join([head, style, *parts, "</svg>", ""])


def round_up(value: float) -> float:
    """Give the next of 1, 2, 5, 10, 20 and so on; of 0 and less, 1."""
    if value <= 0:
        return 1.0
    magnitude = 10.0 ** math.floor(math.log10(value))
    return next(step * magnitude for step in (1.0, 2.0, 5.0, 10.0) if step * magnitude >= value)


@dataclass(frozen=True)
class _Scale:
    """Where values lie on the page."""

    least: float
    most: float
    highest: float

    def x(self, value: float) -> float:
        span = math.log(self.most / self.least) or 1.0
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(value / self.least) / span

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / self.highest


def _axes(scale: _Scale, xs: Sequence[float], x_name: str, y_name: str) -> list[str]:
    floor = HEIGHT - BOTTOM
    parts = [_text(x, floor + 20, f"{value:,.0f}") for value in xs for x in [scale.x(value)]]
    for step in range(STEPS + 1):
        value = scale.highest * step / STEPS
        y = scale.y(value)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(_text(LEFT - 8, y + 4, f"{value:,g}", "end"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 16, x_name))
    parts.append(_text(LEFT - 8, TOP - 10, y_name, "start"))
    return parts


def _curve(scale: _Scale, curve: Curve, colour: str, number: int) -> list[str]:
    places = [(scale.x(x), scale.y(y)) for x, y in curve.points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in places]
    name = _text(WIDTH - RIGHT, TOP - 10 - 16 * number, curve.name, "end", colour=colour)
    return [f'<polyline points="{line}" fill="none" stroke="{colour}"/>', *dots, name]


def _text(
    x: float, y: float, text: str, anchor: str = "middle", *, size: int = 12, colour: str = "#333"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-family="sans-serif"'
        f' font-size="{size}" fill="{colour}">{escape(text)}</text>'
    )
