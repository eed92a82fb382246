"""What branding announces."""

from dataclasses import dataclass

from convivium.core.bus import Fact


@dataclass(frozen=True, slots=True)
class BrandingChanged(Fact):
    """An administrator gave the instance another name, other words, colours or another sign.

    what: the names of what is another now.
    """

    by: str
    what: tuple[str, ...]
