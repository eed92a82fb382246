"""Six colours become those of the whole app, and are refused where they cannot be read; pure.

What is asked of them is what `web/src/ui/contrast.test.ts` asks of ours: the figures of WCAG 2.2,
AA, in both themes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Colour = Literal["ground", "paper", "ink", "lamp", "host", "live"]
Theme = Literal["light", "dark"]
# A colour in the light theme, and in the dark one: "#rrggbb".
Pair = tuple[str, str]
Tokens = Mapping[str, Pair]
Rgb = tuple[float, float, float]

COLOURS: tuple[Colour, ...] = get_args(Colour)
THEMES: tuple[Theme, ...] = get_args(Theme)
HEX = re.compile(r"#[0-9a-f]{6}")

# WCAG 2.2, 1.4.3 and 1.4.11: words, and what has an edge.
WORDS, EDGES = 4.5, 3.0
BLACK, WHITE = "#000000", "#ffffff"

# As web/src/ui/tokens.css has them; a test holds them together.
OURS: Tokens = {
    "bg": ("#f4efe5", "#12100d"),
    "surface": ("#fffdf8", "#1c1813"),
    "raised": ("#ebe3d5", "#2a231c"),
    "sheet": ("#fffdf8", "#1f1a15"),
    "toast": ("#fffdf8", "#2a231c"),
    "line": ("#ddd3c2", "#372e25"),
    "outline": ("#827263", "#8a7a6a"),
    "text": ("#211912", "#f5f0e7"),
    "muted": ("#5d5145", "#b9ae9f"),
    "lamp": ("#f3ae3d", "#f8b84e"),
    "on-lamp": ("#211205", "#1d1204"),
    "lamp-text": ("#874800", "#fbc76e"),
    "lamp-edge": ("#dc9726", "#e0a13a"),
    "lamp-shine": ("#ffd488", "#ffdf9f"),
    "ring": ("#c37605", "#ffc766"),
    "pool": ("#ffc04d", "#f6a93c"),
    "live": ("#b92b12", "#ff7d5e"),
    "live-fill": ("#c73a1e", "#ff7d5e"),
    "on-live": ("#fff8f2", "#240700"),
    "host": ("#00615b", "#6fd3c4"),
    "on-host": ("#f2fffc", "#04211d"),
    "danger": ("#ae1c2c", "#ff8285"),
    "focus": ("#0061a0", "#7fdcff"),
}
# The cloths of tables, each from its far end to its near one; they stay, and words stand on them.
CLOTHS: Tokens = {
    "river-top": ("#d9ebe2", "#173f38"),
    "river-bottom": ("#cfe3d9", "#102a26"),
    "beet-top": ("#f6dfe1", "#4d1c31"),
    "beet-bottom": ("#f0d3d6", "#2f111e"),
    "delft-top": ("#dce7f4", "#1b335a"),
    "delft-bottom": ("#cfdeef", "#122340"),
    "olive-top": ("#eaedd0", "#373c17"),
    "olive-bottom": ("#e2e6c0", "#23270f"),
    "ochre-top": ("#fbe8c4", "#55370e"),
    "ochre-bottom": ("#f6deb0", "#35220a"),
    "clay-top": ("#f8e2d4", "#552812"),
    "clay-bottom": ("#f2d5c3", "#35190c"),
}
# What each of the six is by itself.
OWN: Mapping[Colour, str] = {
    "ground": "bg",
    "paper": "surface",
    "ink": "text",
    "lamp": "lamp",
    "host": "host",
    "live": "live",
}
GROUNDS = ("bg", "surface", "raised", "sheet", "toast")
# What stands on what; the fills are mixed of others, as in tokens.css.
FILLS: Mapping[str, tuple[str, str, float]] = {
    "host-fill": ("host", "bg", 0.16),
    "danger-fill": ("danger", "bg", 0.15),
    "lamp-fill": ("lamp", "surface", 0.20),
}
TEXTS: Mapping[str, tuple[str, ...]] = {
    "text": (*GROUNDS, "lamp-fill", *CLOTHS),
    "muted": GROUNDS,
    "lamp-text": (*GROUNDS, "lamp-fill", *CLOTHS),
    "live": ("bg", "surface", "sheet"),
    "host": ("bg", "surface", "raised", "sheet", "host-fill"),
    "danger": ("bg", "surface", "raised", "sheet", "danger-fill"),
    "on-lamp": ("lamp", "lamp-edge"),
    "on-live": ("live-fill",),
    "on-host": ("host",),
}
EDGED: Mapping[str, tuple[str, ...]] = {
    "outline": ("bg", "surface", "sheet"),
    "focus": GROUNDS,
    "ring": ("bg", "surface", "sheet"),
    "live-fill": ("bg", "surface"),
}
# Whose fault it is when one of these cannot be read; what is not here stays ours.
OF: Mapping[str, Colour] = {
    "text": "ink",
    "muted": "ink",
    "outline": "ink",
    "lamp-text": "lamp",
    "on-lamp": "lamp",
    "ring": "lamp",
    "live": "live",
    "live-fill": "live",
    "on-live": "live",
    "host": "host",
    "on-host": "host",
    "bg": "ground",
    "raised": "ground",
    "surface": "paper",
    "sheet": "paper",
    "toast": "paper",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A colour that cannot be read in a theme: what stands on what, how well, and how well it must.

    better: the nearest of this colour that can be read there; None where none would help.
    """

    colour: Colour
    theme: Theme
    text: str
    ground: str
    ratio: float
    needed: float
    better: str | None


def tokens_of(chosen: Mapping[Colour, Pair]) -> dict[str, Pair]:
    """Give every token that is another with these colours; none without any."""
    both = [_in_theme(chosen, at) for at in range(len(THEMES))]
    return {name: (both[0][name], both[1][name]) for name in both[0]}


def faults_of(chosen: Mapping[Colour, Pair]) -> list[Fault]:
    """List what could not be read with these colours, of each of them in each theme the worst."""
    made = {**OURS, **CLOTHS, **tokens_of(chosen)}
    worst: dict[tuple[Colour, Theme], Fault] = {}
    for fault in _all_faults(chosen, made):
        known = worst.get((fault.colour, fault.theme))
        if known is None or fault.ratio / fault.needed < known.ratio / known.needed:
            worst[fault.colour, fault.theme] = fault
    return list(worst.values())


def style_of(chosen: Mapping[Colour, Pair]) -> str:
    """Write the tokens as a sheet; whoever asks for more contrast keeps ours."""
    made = tokens_of(chosen)
    if not made:
        return ""
    said = "".join(f"--{name}:light-dark({light},{dark});" for name, (light, dark) in made.items())
    return f"@media not (prefers-contrast: more){{:root{{{said}}}}}"


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours (WCAG 2.2)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _in_theme(chosen: Mapping[Colour, Pair], at: int) -> dict[str, str]:
    """Work out what follows from the colours that were chosen, in one theme."""
    own = {
        colour: chosen[colour][at] if colour in chosen else OURS[OWN[colour]][at]
        for colour in COLOURS
    }
    made: dict[str, str] = {}
    if {"ground", "paper", "ink"} & chosen.keys():
        made |= _grounds(own, is_dark=at == 1)
    if chosen.keys() & {"lamp", "ground", "paper"}:
        grounds = {name: made.get(name, OURS[name][at]) for name in GROUNDS}
        made |= _lamp(own["lamp"], grounds, [pair[at] for pair in CLOTHS.values()])
    for colour in ("host", "live"):
        if colour in chosen:
            made[colour] = own[colour]
            made[f"on-{colour}"] = _readable_on(own[colour])
    if "live" in chosen:
        made["live-fill"] = own["live"]
    return made


def _grounds(own: Mapping[Colour, str], *, is_dark: bool) -> dict[str, str]:
    ground, paper, ink = own["ground"], own["paper"], own["ink"]
    raised = blend(ink, ground, 0.11 if is_dark else 0.06)
    outline, muted = blend(ink, ground, 0.55), blend(ink, raised, 0.75)
    return {
        "bg": ground,
        "surface": paper,
        "sheet": paper,
        "raised": raised,
        "toast": raised if is_dark else paper,
        "line": blend(ink, paper, 0.14),
        "outline": towards_readable(outline, [ground, paper], EDGES) or ink,
        "text": ink,
        "muted": towards_readable(muted, [ground, paper, raised], WORDS) or ink,
    }


def _lamp(lamp: str, grounds: Mapping[str, str], cloths: list[str]) -> dict[str, str]:
    on = _readable_on(lamp)
    darker = blend(BLACK, lamp, 0.1)
    fill = blend(lamp, grounds["surface"], FILLS["lamp-fill"][2])
    return {
        "lamp": lamp,
        "on-lamp": on,
        "lamp-edge": darker if contrast(on, darker) >= WORDS else lamp,
        "lamp-shine": blend(WHITE, lamp, 0.35),
        "lamp-text": towards_readable(lamp, [*grounds.values(), *cloths, fill], WORDS) or lamp,
        "ring": towards_readable(lamp, [grounds["bg"], grounds["surface"]], EDGES) or lamp,
        "pool": lamp,
    }


def _readable_on(fill: str) -> str:
    return max((BLACK, WHITE), key=lambda one: contrast(one, fill))


def towards_readable(
    colour: str, grounds: Sequence[str], needed: float, fills: Sequence[tuple[str, float]] = ()
) -> str | None:
    """Make a colour darker, or lighter, until it can be read on all of these; None where it cannot.

    fills: grounds that are mixed of the colour itself: what is under it, and how much of it.
    The least change of both directions wins.
    """
    for hundredths in range(0, 101, 2):
        for end in (BLACK, WHITE):
            tried = blend(end, colour, hundredths / 100)
            mixed = [blend(tried, under, part) for under, part in fills]
            if all(contrast(tried, ground) >= needed for ground in (*grounds, *mixed)):
                return tried
    return None


def _all_faults(chosen: Mapping[Colour, Pair], made: Tokens) -> Iterator[Fault]:
    for at, theme in enumerate(THEMES):
        here = {name: pair[at] for name, pair in made.items()}
        for needed, table in ((WORDS, TEXTS), (EDGES, EDGED)):
            for text, grounds in table.items():
                for ground in grounds:
                    ratio = contrast(here[text], _on(here, ground))
                    if ratio < needed:
                        colour = _whose(text, ground, chosen)
                        better = _better(here, text, needed) if text == OWN[colour] else None
                        yield Fault(colour, theme, text, ground, ratio, needed, better)


def _on(here: Mapping[str, str], ground: str) -> str:
    """Give what something stands on."""
    if ground not in FILLS:
        return here[ground]
    over, under, part = FILLS[ground]
    return blend(here[over], here[under], part)


def _better(here: Mapping[str, str], text: str, needed: float) -> str | None:
    """Find the nearest colour that can be read wherever this one stands."""
    own = [name for name, (over, _, _) in FILLS.items() if over == text]
    others = [_on(here, ground) for ground in TEXTS[text] if ground not in own]
    fills = [(here[FILLS[name][1]], FILLS[name][2]) for name in own if name in TEXTS[text]]
    return towards_readable(here[text], others, needed, fills)


def _whose(text: str, ground: str, chosen: Mapping[Colour, Pair]) -> Colour:
    """Say whose fault it is: of the text where it was chosen, else of what it stands on."""
    of_ground = OF.get(ground, "ground")
    of_text = OF.get(text, of_ground)
    return of_ground if of_text not in chosen and of_ground in chosen else of_text


def blend(over: str, under: str, part: float) -> str:
    """Mix two colours as `color-mix(in srgb, over part, under)` does."""
    mixed = zip(_rgb(over), _rgb(under), strict=True)
    return "#" + "".join(f"{round(one * part + other * (1 - part)):02x}" for one, other in mixed)


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(value / 255) for value in _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - WCAG's own
