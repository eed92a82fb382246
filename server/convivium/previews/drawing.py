"""The picture of a space that goes with its link, and the icons of the app.

On the card stands nothing that ages: no count, no "live". It is drawn twice as large, and made
smaller, so that edges are smooth.
"""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONTS = Path(__file__).parent.parent / "static" / "assets"
SIZE = (1200, 630)
SCALE = 2
# The size in which the sign of an instance is asked for.
LARGEST = 512
SEATS = 7
LINES = 3
# Of the text, left of the table.
WIDTH = 495
# Where the lines at the foot begin: when, and where.
FOOT = 490.0

BACKGROUND, TEXT, MUTED = "#12100d", "#f4efe5", "#b8aea0"
LAMP, HOST, CORAL = "#f8b84e", "#6fd3c4", "#ff7d5e"
CLOTH, HEM = "#15342f", "#3f8378"
# What faces are drawn on; who has which is the same each time.
GROUNDS = ("#b5623c", "#3f7fb5", "#8a5a9e", "#4f8a5a", "#b04a6a", "#a3813c")
# The letters that our fonts have: Latin with all its marks, and what stands between words.
LATIN_TO, MARKS, SIGNS = 0x24F, range(0x1E00, 0x1F00), range(0x2000, 0x2200)
# What of them is in the first of two files of a font.
FIRST_TO = 0xFF


@dataclass(frozen=True, slots=True)
class Card:
    """What is drawn: the title, who sits there, when it is, where, and on which instance.

    people: the host first.
    """

    title: str
    people: tuple[str, ...]
    when: str
    address: str
    called: str = "Convivium"


@lru_cache(maxsize=64)
def card(of: Card) -> bytes:
    """Draw the card of a space; PNG."""
    picture = Image.new("RGB", (SIZE[0] * SCALE, SIZE[1] * SCALE), BACKGROUND)
    draw = ImageDraw.Draw(picture)
    _brand(draw, 64, 56, 52)
    _Pen(draw, "atkinson", 38, bold=True).write(132, 60, of.called, TEXT)
    _table(draw, of.people)
    names = _Pen(draw, "atkinson", 34)
    lines = names.lines(_names(of.people), WIDTH, 2)
    y = _title(draw, of.title, FOOT - len(lines) * 46)
    for number, line in enumerate(lines):
        names.write(64, y + number * 46, line, TEXT)
    if of.when:
        _Pen(draw, "atkinson", 30, bold=True).write(64, 500, of.when, TEXT)
    _Pen(draw, "atkinson", 28).write(64, 546, of.address, MUTED)
    return _png(picture.resize(SIZE, Image.Resampling.LANCZOS))


@lru_cache(maxsize=8)
def icon(size: int, *, padded: bool, sign: bytes | None = None) -> bytes:
    """Draw the app's sign, so many pixels wide; PNG. padded: with room for a mask around it.

    sign: the instance's own, as we keep it.
    """
    whole = size * SCALE
    picture = Image.new("RGB", (whole, whole), BACKGROUND)
    inner = size * (0.56 if padded else 0.78)
    if sign is None:
        _brand(ImageDraw.Draw(picture), (size - inner) / 2, (size - inner) / 2, inner)
    else:
        own = Image.open(BytesIO(sign), formats=("WEBP",)).convert("RGBA")
        own = own.resize((round(inner * SCALE),) * 2, Image.Resampling.LANCZOS)
        corner = ((whole - own.width) // 2,) * 2
        picture.paste(own, corner, own)
    return _png(picture.resize((size, size), Image.Resampling.LANCZOS))


def _brand(draw: ImageDraw.ImageDraw, x: float, y: float, size: float) -> None:
    """Draw the sign: three at a table."""
    part = size / 32
    for cx, cy, radius, colour in (
        (16, 7, 4.5, LAMP),
        (5.5, 12, 3.2, CORAL),
        (26.5, 12, 3.2, CORAL),
    ):
        _circle(draw, x + cx * part, y + cy * part, radius * part, colour)
    box = [x + 3 * part, y + 15 * part, x + 29 * part, y + 39 * part]
    draw.pieslice([each * SCALE for each in box], 180, 360, fill=HOST)


def _table(draw: ImageDraw.ImageDraw, people: Sequence[str]) -> None:
    """Lay the table on the right, with those who sit at it; the host at its head."""
    middle, top, width, height = 905.0, 110.0, 530.0, 900.0
    for inset, colour in ((0, HEM), (6, CLOTH), (14, HEM), (16, CLOTH)):
        box = [middle - width / 2 + inset, top + inset, middle + width / 2 - inset, top + height]
        draw.rounded_rectangle([each * SCALE for each in box], 260 * SCALE, fill=colour)
    places = [0.0, -0.62, 0.62, -1.1, 1.1, -1.5, 1.5]
    for name, place in zip(people[:SEATS], places, strict=False):
        cx = middle + math.sin(place) * width / 2 * 0.98
        cy = top + (1 - math.cos(place)) * 330
        radius = 66 if place == 0 else 56
        ground = GROUNDS[sum(name.encode()) % len(GROUNDS)]
        _circle(draw, cx, cy, radius + 5, BACKGROUND)
        _circle(draw, cx, cy, radius, ground)
        pen = _Pen(draw, "bricolage", radius * 0.9)
        letter = drawable(name)[:1].upper()
        pen.write(cx - pen.width(letter) / 2, cy - radius * 0.56, letter, TEXT)


def _title(draw: ImageDraw.ImageDraw, title: str, foot: float) -> float:
    """Write the title as large as it goes above `foot`; gives where the next line stands."""
    y = 150.0
    for size in (84, 70, 58, 48):
        pen = _Pen(draw, "bricolage", size)
        lines = pen.lines(title, WIDTH, LINES)
        fits = y + len(lines) * size * 1.08 + 22 <= foot
        if fits and not any(line.endswith("…") for line in lines):
            break
    for line in lines:
        pen.write(64, y, line, TEXT)
        y += size * 1.08
    return y + 22


def _names(people: Sequence[str]) -> str:
    """Name two, and count no others: who else comes may change."""
    return " and ".join(name for name in (drawable(each) for each in people[:2]) if name)


def drawable(text: str) -> str:
    """Leave out what our fonts cannot write: its link says it."""
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(letter if _is_ours(letter) else " " * letter.isspace() for letter in composed)
    return " ".join(kept.split())


def _is_ours(letter: str) -> bool:
    code = ord(letter)
    if not letter.isprintable():
        return False
    return code <= LATIN_TO or code in MARKS or code in SIGNS


class _Pen:
    """Writes in one size of one font, whose letters are in two files."""

    def __init__(
        self, draw: ImageDraw.ImageDraw, family: str, size: float, *, bold: bool = False
    ) -> None:
        self._draw = draw
        self._fonts = {
            part: _font(f"{family}-{part}", round(size * SCALE), bold) for part in ("latin", "more")
        }

    def width(self, text: str) -> float:
        return sum(font.getlength(run) for font, run in self._runs(text)) / SCALE

    def write(self, x: float, y: float, text: str, colour: str) -> None:
        x *= SCALE
        for font, run in self._runs(drawable(text)):
            self._draw.text((x, y * SCALE), run, font=font, fill=colour)
            x += font.getlength(run)

    def lines(self, text: str, width: float, most: int) -> list[str]:
        """Break a text into lines that fit; what is too much ends in an ellipsis."""
        lines: list[str] = []
        for word in drawable(text).split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.width(longer) <= width:
                lines[-1] = longer
            elif len(lines) < most:
                lines.append(self._cut(word, width))
            else:
                lines[-1] = self._cut(f"{lines[-1]} …", width)
                break
        return lines

    def _cut(self, text: str, width: float) -> str:
        while self.width(text) > width:
            text = text.rstrip("…")[:-1] + "…"
        return text

    def _runs(self, text: str) -> Iterator[tuple[ImageFont.FreeTypeFont, str]]:
        """Cut a text where its letters come from the other file."""
        run, last = "", "latin"
        for letter in text:
            part = "latin" if ord(letter) <= FIRST_TO or ord(letter) in SIGNS else "more"
            if part != last and run:
                yield self._fonts[last], run
                run = ""
            run, last = run + letter, part
        if run:
            yield self._fonts[last], run


@lru_cache(maxsize=32)
def _font(name: str, size: int, bold: bool) -> ImageFont.FreeTypeFont:  # noqa: FBT001
    [file] = FONTS.glob(f"{name}-*.woff2")
    font = ImageFont.truetype(str(file), size)
    if bold:
        font.set_variation_by_axes([700])
    if name.startswith("bricolage"):
        # As narrow as in the app's own titles.
        font.set_variation_by_axes([88])
    return font


def _circle(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, colour: str) -> None:
    box = [each * SCALE for each in (x - radius, y - radius, x + radius, y + radius)]
    draw.ellipse(box, fill=colour)


def _png(picture: Image.Image) -> bytes:
    into = BytesIO()
    picture.save(into, "PNG", optimize=True)
    return into.getvalue()
