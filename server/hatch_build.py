"""Refuses a wheel that would install a server without its page."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class NeedsPage(BuildHookInterface):
    """An editable install may lack the page, since `make run` builds it afterwards."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Stop with a sentence when the built web app is missing."""
        del build_data
        page = Path(self.root) / "convivium/static/index.html"
        if version != "editable" and not page.exists():
            raise SystemExit(f"{page} is missing: `make build` makes it.")
