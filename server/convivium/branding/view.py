"""How the instance is called and looks, as everybody sees it, and as administrators change it."""

from typing_extensions import TypedDict

from convivium.branding.models import Branding
from convivium.branding.rules import OURS, OWN, Colour, Fault, Pair, Theme
from convivium.branding.service import Brand, colours_of


class InstanceView(TypedDict):
    """What the instance says of itself; logo: the name of its sign, null while it has ours."""

    name: str
    about: str
    rules: str
    contact: str
    logo: str | None


class PairView(TypedDict):
    """A colour in both themes."""

    light: str
    dark: str


class ColoursView(TypedDict):
    """The six colours; null: ours."""

    ground: PairView | None
    paper: PairView | None
    ink: PairView | None
    lamp: PairView | None
    host: PairView | None
    live: PairView | None


class OurColoursView(TypedDict):
    """The six colours as we made them."""

    ground: PairView
    paper: PairView
    ink: PairView
    lamp: PairView
    host: PairView
    live: PairView


class BrandingView(TypedDict):
    """What was chosen; name: empty for ours. ours: what stands where nothing was."""

    name: str
    about: str
    rules: str
    contact: str
    logo: str | None
    colours: ColoursView
    ours: OurColoursView


class FaultView(TypedDict):
    """A colour that cannot be read in a theme: `text` stands on `on`, both colours of the app.

    better: the nearest that can be read; null where no other would help by itself.
    """

    colour: Colour
    theme: Theme
    text: str
    on: str
    ratio: float
    needed: float
    better: str | None


class TriedColoursView(TypedDict):
    """What would become of colours: every colour of the app that is another, and what is wrong."""

    tokens: dict[str, PairView]
    faults: list[FaultView]


def instance_view(brand: Brand) -> InstanceView:
    """Show the instance to everybody."""
    return {
        "name": brand.name,
        "about": brand.about,
        "rules": brand.rules,
        "contact": brand.contact,
        "logo": brand.logo,
    }


def branding_view(row: Branding | None) -> BrandingView:
    """Show what was chosen."""
    chosen = colours_of(row)

    def of(colour: Colour) -> PairView | None:
        return pair_view(chosen[colour]) if colour in chosen else None

    def ours(colour: Colour) -> PairView:
        return pair_view(OURS[OWN[colour]])

    return {
        "name": row.name if row else "",
        "about": row.about if row else "",
        "rules": row.rules if row else "",
        "contact": row.contact if row else "",
        "logo": row.logo if row else None,
        "colours": {
            "ground": of("ground"),
            "paper": of("paper"),
            "ink": of("ink"),
            "lamp": of("lamp"),
            "host": of("host"),
            "live": of("live"),
        },
        "ours": {
            "ground": ours("ground"),
            "paper": ours("paper"),
            "ink": ours("ink"),
            "lamp": ours("lamp"),
            "host": ours("host"),
            "live": ours("live"),
        },
    }


def pair_view(pair: Pair) -> PairView:
    """Show a colour."""
    return {"light": pair[0], "dark": pair[1]}


def fault_view(fault: Fault) -> FaultView:
    """Show what cannot be read."""
    return {
        "colour": fault.colour,
        "theme": fault.theme,
        "text": fault.text,
        "on": fault.ground,
        # Downwards: 4.46 is not written as what would be enough.
        "ratio": int(fault.ratio * 10) / 10,
        "needed": fault.needed,
        "better": fault.better,
    }
